package io.quorate.placement.registry;

import io.quorate.model.StoreDescriptor;
import java.time.Duration;

/**
 * How long a store may be silent.
 *
 * @param disconnectedAfter then it is not trusted to answer
 * @param downAfter then it is given up; longer than that
 */
public record LivenessLimits(Duration disconnectedAfter, Duration downAfter) {
  public LivenessLimits {
    if (disconnectedAfter.isNegative()
        || disconnectedAfter.isZero()
        || downAfter.compareTo(disconnectedAfter) <= 0) {
      throw new IllegalArgumentException("a store must be disconnected (" + disconnectedAfter
          + ") before it is down (" + downAfter + ")");
    }
  }

  public static LivenessLimits defaults() {
    return new LivenessLimits(Duration.ofSeconds(10), Duration.ofMinutes(30));
  }

  /** The state of a store that serves, by its silence; other states stand, whatever is heard. */
  public StoreDescriptor.State judge(StoreDescriptor.State recorded, Duration silence) {
    return recorded == StoreDescriptor.State.UP ? judge(silence) : recorded;
  }

  /** By its silence alone. */
  public StoreDescriptor.State judge(Duration silence) {
    if (silence.compareTo(downAfter) >= 0) {
      return StoreDescriptor.State.DOWN;
    }
    return silence.compareTo(disconnectedAfter) >= 0
        ? StoreDescriptor.State.DISCONNECTED
        : StoreDescriptor.State.UP;
  }
}
