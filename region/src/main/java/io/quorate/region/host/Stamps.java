package io.quorate.region.host;

/**
 * Numbers handed out by one {@code next(n)}: all of {@code [first, last]}.
 *
 * @param first smallest of them
 * @param last greatest of them
 * @param state what the answer said besides; its revision is at least {@code last}
 */
public record Stamps(long first, long last, OracleState state) {
  public Stamps {
    if (first < 1 || last < first || state.revision() < last) {
      throw new IllegalArgumentException("stamps " + first + ".." + last + " of " + state);
    }
  }
}
