package io.quorate.gateway;

import io.grpc.Context;
import io.grpc.Deadline;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** How long the caller of the call in hand still waits. Read on the thread that a call comes in on. Stateless. */
final class CallTime {
  /** What is left when the deadline passes while a request is read; the SDK then answers at once. */
  private static final Duration NEXT_TO_NOTHING = Duration.ofMillis(1);

  private CallTime() {}

  /** Absent where the caller names no deadline: then the SDK's own holds. */
  static Optional<Duration> left() {
    Deadline deadline = Context.current().getDeadline();
    if (deadline == null) {
      return Optional.empty();
    }
    Duration left = Duration.ofNanos(deadline.timeRemaining(TimeUnit.NANOSECONDS));
    return Optional.of(left.compareTo(NEXT_TO_NOTHING) < 0 ? NEXT_TO_NOTHING : left);
  }
}
