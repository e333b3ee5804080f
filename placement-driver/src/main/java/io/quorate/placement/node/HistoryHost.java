package io.quorate.placement.node;

import io.quorate.placement.cluster.ClusterImage;
import io.quorate.placement.cluster.Compact;
import io.quorate.placement.cluster.DropBarrier;
import io.quorate.placement.cluster.NoteTime;
import io.quorate.placement.cluster.PlacementRecord;
import io.quorate.placement.history.Barrier;
import io.quorate.placement.history.Clockwork;
import io.quorate.placement.history.HistoryLimits;
import io.quorate.placement.history.TimeMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What PD's leader does about the past without being asked: notes which revision is the newest, compacts by retention, lets
 * barriers go that nobody renews. Owned by the node. Thread: the loop ticks it, any may ask; guarded by itself.
 */
final class HistoryHost {
  private static final Logger LOG = LoggerFactory.getLogger(HistoryHost.class);

  private final PlacementGroup group;
  private final HistoryLimits limits;
  private final LongSupplier nanoTime;
  private final LongSupplier wallMillis;
  private @Nullable Clockwork clockwork;
  private long term;
  private boolean proposing;
  private long lookedAge;

  HistoryHost(
      PlacementGroup group, HistoryLimits limits, LongSupplier nanoTime, LongSupplier wallMillis) {
    this.group = group;
    this.limits = limits;
    this.nanoTime = nanoTime;
    this.wallMillis = wallMillis;
  }

  HistoryLimits limits() {
    return limits;
  }

  /** Does what is due; called by the leader's loop. */
  synchronized void tick() {
    OptionalLong revision = group.oracle().newest();
    long leading = group.log().leadership().term();
    if (revision.isEmpty()) {
      clockwork = null;
      return;
    }
    ClusterImage image = group.image();
    long now = nanoTime.getAsLong();
    Clockwork works = clockwork;
    if (works == null || term != leading) {
      works = new Clockwork(limits, image.history(), revision.getAsLong(), now);
      clockwork = works;
      term = leading;
      lookedAge = works.now(revision.getAsLong(), now, 0).age();
    }
    TimeMap.Sample present = works.now(revision.getAsLong(), now, wallMillis.getAsLong());
    works
        .sample(present, image.marks().compacted())
        .ifPresent(sample -> propose(new NoteTime(sample)));
    works
        .expired(image.history(), now)
        .forEach(over -> propose(new DropBarrier(over.name(), over.renewals())));
    if (present.age() - lookedAge >= limits.lookMillis()) {
      lookedAge = present.age();
      long to = works.compactTo(present);
      if (to > image.marks().compacted()) {
        propose(new Compact(to, 0));
      }
    }
  }

  /** One at a time: what finds no room is proposed by a later tick, or was not worth it. */
  private void propose(PlacementRecord record) {
    if (proposing) {
      return;
    }
    proposing = true;
    group.propose(
        record,
        error -> {
          done();
          LOG.info("{} was not done: {}", record, error.getMessage());
        },
        ruling -> {
          done();
          LOG.debug("{} is done", record);
        });
  }

  private synchronized void done() {
    proposing = false;
  }

  /** Milliseconds that each barrier has left, as this leader measures them. */
  synchronized Map<String, Long> left(Iterable<Barrier> barriers) {
    Map<String, Long> left = new TreeMap<>();
    long now = nanoTime.getAsLong();
    Clockwork works = clockwork;
    for (Barrier barrier : barriers) {
      left.put(
          barrier.name(), works == null ? barrier.ttlMillis() : works.leftMillis(barrier, now));
    }
    return left;
  }

  /** Points of the map from age to revision. */
  synchronized int samples() {
    Clockwork works = clockwork;
    return works == null ? 0 : works.times().samples().size();
  }
}
