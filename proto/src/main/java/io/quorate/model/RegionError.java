package io.quorate.model;

import java.util.List;
import java.util.Optional;

/**
 * Not now, not here: the closed set of answers that say nothing about the data. All but {@link
 * Indeterminate} promise that the request had no effect.
 */
public sealed interface RegionError {
  /** What happened and what to do, in one line. */
  String message();

  /** Whether a write that got this answer may still take effect. */
  default boolean mayHaveHappened() {
    return false;
  }

  record NotLeader(RegionId region, Optional<Peer> leader, String message) implements RegionError {}

  /** The range or epoch asked for is not this region's any more; carries what now covers it. */
  record EpochMismatch(List<RegionDescriptor> current, String message) implements RegionError {
    public EpochMismatch {
      current = List.copyOf(current);
    }
  }

  record RegionNotFound(RegionId region, String message) implements RegionError {}

  record KeyOutOfRange(RegionDescriptor current, String message) implements RegionError {}

  /** A bounded queue is full. */
  record ServerBusy(int retryAfterMillis, String message) implements RegionError {}

  record Unavailable(String message) implements RegionError {}

  /** Proposed, result unknown: it may or may not take effect, now or later. */
  record Indeterminate(String message) implements RegionError {
    @Override
    public boolean mayHaveHappened() {
      return true;
    }
  }

  /** The envelope does not fit this process: another cluster, store, incarnation or protocol. */
  record Misdirected(String message) implements RegionError {}

  /** The deadline had passed before the request was proposed or read. */
  record DeadlineExceeded(String message) implements RegionError {}
}
