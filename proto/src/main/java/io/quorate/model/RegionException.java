package io.quorate.model;

/** Carries a {@link RegionError} through futures. Costs no stack trace: it is an answer, not a bug. */
public final class RegionException extends RuntimeException {
  private final transient RegionError error;

  public RegionException(RegionError error) {
    super(error.message(), null, false, false);
    this.error = error;
  }

  public RegionError error() {
    return error;
  }
}
