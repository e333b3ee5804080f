package io.quorate.placement.node;

import io.quorate.model.RegionDescriptor;
import io.quorate.model.StoreId;
import io.quorate.placement.cluster.Bootstrap;
import io.quorate.placement.cluster.BootstrapPlan;
import io.quorate.placement.cluster.ClusterImage;
import io.quorate.placement.cluster.FoundCluster;
import io.quorate.placement.cluster.PlacementRecord;
import io.quorate.placement.cluster.Ruling;
import io.quorate.placement.cluster.UpdateRegions;
import io.quorate.proto.PlacementError;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * PD's own work, done by whoever leads: founding the cluster, making the first regions, writing down what heartbeats told.
 * Each tick looks at what is missing and proposes it, one proposal at a time; what fails is proposed again by a later tick,
 * and the records themselves refuse to take effect twice. Owned by the node; one thread.
 */
final class PlacementLoop implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PlacementLoop.class);
  private static final int REGIONS_PER_RECORD = 500;
  private static final long STOP_MILLIS = 2_000;

  private final PlacementConfig config;
  private final PlacementGroup group;
  private final HistoryHost history;
  private final IdentityStore identity;
  private final LongSupplier draw;
  private final ScheduledExecutorService thread;
  private final AtomicBoolean proposing = new AtomicBoolean();

  PlacementLoop(
      PlacementConfig config,
      PlacementGroup group,
      HistoryHost history,
      IdentityStore identity,
      LongSupplier draw) {
    this.config = config;
    this.group = group;
    this.history = history;
    this.identity = identity;
    this.draw = draw;
    thread = Executors.newSingleThreadScheduledExecutor(task -> {
      Thread made = new Thread(task, "pd-" + config.memberId() + "-loop");
      made.setDaemon(true);
      return made;
    });
  }

  void start() {
    long millis = config.tick().toMillis();
    var unused = thread.scheduleWithFixedDelay(this::tickOrSay, 0, millis, TimeUnit.MILLISECONDS);
  }

  /** A tick ahead of time: something happened that may let the cluster go on. */
  void wake() {
    if (!thread.isShutdown()) {
      thread.execute(this::tickOrSay);
    }
  }

  private void tickOrSay() {
    try {
      tick();
    } catch (RuntimeException e) {
      LOG.error("PD's loop failed; it goes on with the next tick", e);
    }
  }

  private void tick() {
    ClusterImage image = group.image();
    rememberCluster(image);
    if (!group.log().leadership().leading()) {
      return;
    }
    group.oracle().tick();
    group.registry().tick();
    history.tick();
    if (!image.isFounded()) {
      propose(
          new FoundCluster(draw.getAsLong(), config.featureLevel()),
          ruling ->
              LOG.info("cluster={} founded", Long.toHexString(group.image().clusterId())));
    } else if (!image.isBootstrapped()) {
      bootstrapIfEnough(image);
    } else {
      recordShapes();
    }
  }

  private void rememberCluster(ClusterImage image) {
    if (!image.isFounded()) {
      return;
    }
    Identity known = identity.identity();
    if (known.cluster().isEmpty()) {
      identity.replace(known.withCluster(image.clusterId()));
    } else if (known.cluster().get() != image.clusterId()) {
      throw new IllegalStateException(
          "the data directory is of cluster " + Long.toHexString(known.cluster().get())
              + ", but its log says " + Long.toHexString(image.clusterId()));
    }
  }

  private void bootstrapIfEnough(ClusterImage image) {
    List<StoreId> alive = group.registry().alive();
    if (alive.size() < config.bootstrapStores()) {
      return;
    }
    Bootstrap plan =
        BootstrapPlan.plan(config.splitKeys(), alive, config.replicaCount(), image.lastId());
    propose(
        plan,
        ruling -> LOG.info(
            "cluster={} bootstrapped with {} regions on stores {}",
            Long.toHexString(group.image().clusterId()),
            plan.regions().size(),
            alive));
  }

  private void recordShapes() {
    List<RegionDescriptor> shapes = group.registry().unrecorded(REGIONS_PER_RECORD);
    if (!shapes.isEmpty()) {
      propose(new UpdateRegions(shapes), ruling -> {});
    }
  }

  private void propose(PlacementRecord record, Consumer<Ruling> done) {
    if (!proposing.compareAndSet(false, true)) {
      return;
    }
    group.propose(
        record,
        error -> {
          proposing.set(false);
          if (record instanceof UpdateRegions update
              && error.getCode() == PlacementError.Code.STALE) {
            group.registry().forget(update.regions());
          }
          LOG.info("{} was not done: {}", record.getClass().getSimpleName(), error.getMessage());
        },
        ruling -> {
          proposing.set(false);
          done.accept(ruling);
          wake();
        });
  }

  @Override
  public void close() {
    thread.shutdown();
    try {
      if (!thread.awaitTermination(STOP_MILLIS, TimeUnit.MILLISECONDS)) {
        thread.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
