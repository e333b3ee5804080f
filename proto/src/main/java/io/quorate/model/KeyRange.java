package io.quorate.model;

/**
 * Half-open range of keys {@code [start, end)}; an empty end means that it has none.
 *
 * @param start first key in the range; empty is the first key of all
 * @param end first key after the range; empty means up to the last key of all
 */
public record KeyRange(Bytes start, Bytes end) {
  public static final KeyRange ALL = new KeyRange(Bytes.EMPTY, Bytes.EMPTY);

  public static KeyRange of(Bytes start, Bytes end) {
    return new KeyRange(start, end);
  }

  /** The range that holds just this key. */
  public static KeyRange single(Bytes key) {
    return new KeyRange(key, key.next());
  }

  public static KeyRange prefix(Bytes prefix) {
    return new KeyRange(prefix, prefix.prefixEnd());
  }

  public boolean isUnbounded() {
    return end.isEmpty();
  }

  /** No key can lie in it. */
  public boolean isEmpty() {
    return !end.isEmpty() && start.compareTo(end) >= 0;
  }

  public boolean isSingle() {
    return end.length() == start.length() + 1
        && end.at(start.length()) == 0
        && end.startsWith(start);
  }

  public boolean contains(Bytes key) {
    return key.compareTo(start) >= 0 && (end.isEmpty() || key.compareTo(end) < 0);
  }

  public boolean contains(KeyRange other) {
    return other.start.compareTo(start) >= 0 && compareEnds(other.end, end) <= 0;
  }

  public boolean overlaps(KeyRange other) {
    return (end.isEmpty() || other.start.compareTo(end) < 0)
        && (other.end.isEmpty() || start.compareTo(other.end) < 0);
  }

  /** What both hold; possibly empty. */
  public KeyRange intersect(KeyRange other) {
    Bytes from = start.compareTo(other.start) >= 0 ? start : other.start;
    Bytes to = compareEnds(end, other.end) <= 0 ? end : other.end;
    return new KeyRange(from, to);
  }

  /** Orders ends, where empty is greater than everything. */
  public static int compareEnds(Bytes left, Bytes right) {
    if (left.isEmpty() || right.isEmpty()) {
      return Boolean.compare(left.isEmpty(), right.isEmpty());
    }
    return left.compareTo(right);
  }

  @Override
  public String toString() {
    return "[" + start + ", " + (end.isEmpty() ? "∞" : end) + ")";
  }
}
