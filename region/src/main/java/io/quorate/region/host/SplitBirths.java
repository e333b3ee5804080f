package io.quorate.region.host;

import io.quorate.model.RegionId;
import io.quorate.model.StoreId;
import io.quorate.raft.GroupId;
import io.quorate.raft.GroupSeed;
import io.quorate.raft.host.RaftHost;
import io.quorate.region.command.Outcome;
import io.quorate.region.storage.ChildSeeds;
import io.quorate.region.storage.RegionStore;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.rocksdb.WriteBatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts the regions that splits have made, off the apply threads: starting a log waits for the disk. Owned by the engine; runs
 * on one thread of its own.
 */
final class SplitBirths implements Births, ChildSeeds, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SplitBirths.class);
  private static final int IDLE_SECONDS = 10;

  /** Brings a region to life; may wait. */
  interface Starter {
    void start(RegionStore child, boolean campaign);
  }

  private final StoreId self;
  private final RaftHost raft;
  private final SplitLeaders leaders;
  private final Starter starter;
  private final ThreadPoolExecutor thread;

  SplitBirths(StoreId self, RaftHost raft, SplitLeaders leaders, Starter starter) {
    this.self = self;
    this.raft = raft;
    this.leaders = leaders;
    this.starter = starter;
    // Each child is in this queue once: it is bounded by the number of regions.
    this.thread = new ThreadPoolExecutor(
        1, 1, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
          Thread births = new Thread(task, "region-births-" + self);
          births.setDaemon(true);
          return births;
        });
    thread.allowCoreThreadTimeOut(true);
  }

  @Override
  public ChildSeeds seeds() {
    return this;
  }

  @Override
  public void born(Outcome.Split split, List<RegionStore> children, boolean campaign) {
    for (RegionStore child : children) {
      if (campaign) {
        leaders.awaited(child.descriptor().id());
      }
      try {
        thread.execute(() -> start(child, campaign));
      } catch (RejectedExecutionException e) {
        // The store stops; the child is started from disk the next time.
        log.debug("region={} is not started any more", child.descriptor().id());
      }
    }
  }

  private void start(RegionStore child, boolean campaign) {
    RegionId id = child.descriptor().id();
    try {
      starter.start(child, campaign);
    } catch (IllegalStateException | IllegalArgumentException e) {
      leaders.givenUp(id);
      log.error("region={} was cut off here and does not start", id, e);
    }
  }

  @Override
  public StoreId self() {
    return self;
  }

  @Override
  public boolean isHere(GroupId group) {
    return raft.hasState(group) || raft.runs(group);
  }

  @Override
  public void seed(WriteBatch batch, GroupSeed seed) {
    raft.seed(batch, seed);
  }

  @Override
  public void close() {
    thread.shutdown();
  }
}
