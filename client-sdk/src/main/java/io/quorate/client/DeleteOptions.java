package io.quorate.client;

import java.time.Duration;
import java.util.Optional;

/**
 * How keys are deleted. Start from {@link #DEFAULT} and change what is needed.
 *
 * @param previous whether to return what was deleted
 * @param timeout for the whole request; absent: the client's
 */
public record DeleteOptions(boolean previous, Optional<Duration> timeout) {
  public static final DeleteOptions DEFAULT = new DeleteOptions(false, Optional.empty());

  public DeleteOptions withPrevious() {
    return new DeleteOptions(true, timeout);
  }

  public DeleteOptions withTimeout(Duration whole) {
    return new DeleteOptions(previous, Optional.of(whole));
  }
}
