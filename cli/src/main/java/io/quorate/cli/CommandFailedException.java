package io.quorate.cli;

/** Ends a command with what {@link Failure} says. */
final class CommandFailedException extends RuntimeException {
  private final transient Failure failure;

  CommandFailedException(Failure failure) {
    super(failure.message(), null, false, false);
    this.failure = failure;
  }

  Failure failure() {
    return failure;
  }
}
