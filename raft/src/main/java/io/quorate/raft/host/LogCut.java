package io.quorate.raft.host;

import io.quorate.raft.storage.SharedLogStorage;
import io.quorate.raft.storage.SnapshotRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Cuts one replica's log when it is time ({@link Truncation}). Owned by the group; decides on the host's timer thread, is told
 * bounds on any, and hears of a cut's end on jraft's.
 */
final class LogCut {
  private static final Logger log = LoggerFactory.getLogger(LogCut.class);

  private final Group group;
  private final SharedLogStorage storage;
  private final GroupSnapshots snapshots;
  private final HostParts host;
  private final boolean small;
  private final Truncation.Limits limits;

  private volatile long bound;
  private volatile long bytesAtCut;
  private volatile long warnedBytes;

  LogCut(
      Group group,
      SharedLogStorage storage,
      GroupSnapshots snapshots,
      HostParts host,
      Snapshots kind) {
    this.group = group;
    this.storage = storage;
    this.snapshots = snapshots;
    this.host = host;
    this.small = kind instanceof Snapshots.SmallState;
    this.limits = new Truncation.Limits(
        host.config().snapshotLogBytes(),
        kind instanceof Snapshots.SelfPersisted it && it.ranges().isPresent()
            ? host.config().maxLogBytes()
            : Long.MAX_VALUE);
  }

  /** Written since the last cut, or since the start. */
  long logBytes() {
    return storage.appendedBytes() - bytesAtCut;
  }

  /** Told by this or another store's leader. */
  void bound(long index) {
    bound = Math.max(bound, index);
  }

  /** Cuts the log if it is time. */
  void maybeCut() {
    if (!group.ready() || group.ended().isPresent()) {
      return;
    }
    long grown = logBytes();
    long lastCut = snapshots.newest().map(SnapshotRecord::index).orElse(0L);
    switch (Truncation.decide(
        grown,
        limits,
        lastCut,
        group.appliedIndex(),
        small ? Long.MAX_VALUE : bound,
        host.ranges().held(group.id()).orElse(Long.MAX_VALUE))) {
      case CUT -> cut(grown);
      case HELD_BACK -> warnHeldBack(grown, lastCut);
      case NOTHING -> {}
    }
  }

  private void cut(long grown) {
    long before = storage.appendedBytes();
    group.node().snapshot(status -> {
      if (status.isOk()) {
        bytesAtCut = before;
        warnedBytes = 0;
        log.info("group={} log cut after {} bytes", group.id(), grown);
      } else {
        log.debug("group={} log not cut: {}", group.id(), status);
      }
    });
  }

  private void warnHeldBack(long grown, long lastCut) {
    if (grown >= Math.max(host.config().maxLogBytes(), 2 * warnedBytes)) {
      warnedBytes = grown;
      log.warn(
          "group={} keeps {} bytes of log: the slowest replica is at {}, before the last cut at {}",
          group.id(),
          grown,
          bound,
          lastCut);
    }
  }
}
