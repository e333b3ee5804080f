package io.quorate.store;

import io.quorate.model.Bytes;
import io.quorate.model.Peer;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionId;
import io.quorate.model.StoreId;
import io.quorate.model.Wire;
import io.quorate.proto.RegionOrder;
import io.quorate.raft.MembershipChange;
import io.quorate.region.host.RegionHost;
import io.quorate.region.host.StoreEngine;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does what PD orders. An order that fails or finds no room is dropped: PD repeats it until the heartbeats show it done.
 *
 * <p>Owner: {@link StoreNode}. Thread: one of its own, since orders write to disk.
 */
final class OrderLoop implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OrderLoop.class);
  private static final int WAITING_ANSWERS_MAX = 4;
  private static final int CLOSE_SECONDS = 5;

  private final StoreId self;
  private final StoreEngine engine;
  private final SplitLoop splits;
  private final Runnable onDone;
  private final ThreadPoolExecutor executor;

  /**
   * @param onDone called after the orders of one answer are done
   */
  OrderLoop(StoreId self, StoreEngine engine, SplitLoop splits, Runnable onDone) {
    this.self = self;
    this.engine = engine;
    this.splits = splits;
    this.onDone = onDone;
    this.executor = new ThreadPoolExecutor(
        1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(WAITING_ANSWERS_MAX), runnable -> {
          Thread thread = new Thread(runnable, "store-" + self + "-orders");
          thread.setDaemon(true);
          return thread;
        });
  }

  void take(List<RegionOrder> orders) {
    if (orders.isEmpty()) {
      return;
    }
    try {
      executor.execute(() -> {
        orders.forEach(this::obey);
        onDone.run();
      });
    } catch (RejectedExecutionException e) {
      LOG.debug("{} orders dropped: earlier ones are still in work", orders.size());
    }
  }

  private void obey(RegionOrder order) {
    try {
      switch (order.getKindCase()) {
        case CREATE -> create(order.getCreate());
        case TRANSFER_LEADER -> transfer(order.getTransferLeader());
        case CHANGE_PEER -> change(order.getChangePeer());
        case DESTROY -> destroy(order.getDestroy());
        case SPLIT -> split(order.getSplit());
        case CHECK -> check(order.getCheck());
        case MERGE -> merge(order.getMerge());
        case KIND_NOT_SET -> LOG.warn("PD gave an order that this build does not know");
      }
    } catch (IllegalArgumentException | IllegalStateException e) {
      LOG.warn("order refused: {}", e.getMessage());
    }
  }

  private void create(RegionOrder.CreateRegion order) {
    RegionDescriptor region = Wire.region(order.getRegion());
    if (engine.region(region.id()).isEmpty()) {
      boolean campaign = order.getPreferredLeaderStore() == self.value();
      engine.createRegion(region, campaign);
    }
  }

  private void transfer(RegionOrder.TransferLeader order) {
    Peer to = Wire.peer(order.getTo());
    engine
        .region(new RegionId(order.getRegionId()))
        .filter(region -> region.descriptor().epoch().equals(Wire.epoch(order.getEpoch())))
        .ifPresent(region -> {
          var unused = region.transferLeadership(to).exceptionally(failure -> {
            LOG.info(
                "region={} leadership not handed to {}: {}",
                order.getRegionId(),
                to,
                failure.getMessage());
            return null;
          });
        });
  }

  /** A region that does not lead here, or is at another epoch, refuses; PD thinks again when it hears of the region. */
  private void change(RegionOrder.ChangePeer order) {
    Peer peer = Wire.peer(order.getPeer());
    MembershipChange.Kind kind = switch (order.getChange()) {
      case ADD_LEARNER -> MembershipChange.Kind.ADD_LEARNER;
      case PROMOTE -> MembershipChange.Kind.PROMOTE;
      case REMOVE -> MembershipChange.Kind.REMOVE;
      case UNRECOGNIZED -> throw new IllegalArgumentException("a change this build lacks");
    };
    engine.region(new RegionId(order.getRegionId())).ifPresent(region -> {
      var unused = region
          .change(Wire.epoch(order.getEpoch()), kind, peer)
          .whenComplete((changed, failure) -> {
            if (failure != null) {
              LOG.info(
                  "region={} {} of {} not done: {}",
                  order.getRegionId(),
                  kind,
                  peer,
                  failure.getMessage());
            }
          });
    });
  }

  private void destroy(RegionOrder.DestroyReplica order) {
    RegionId region = new RegionId(order.getRegionId());
    if (order.getMerged()) {
      engine.destroyMerged(region, order.getReplicaId());
    } else {
      engine.destroy(region, order.getReplicaId(), order.getEpoch().getMembership());
    }
  }

  private void split(RegionOrder.SplitRegion order) {
    splits.order(
        new RegionId(order.getRegionId()),
        Wire.epoch(order.getEpoch()),
        order.getKeysList().stream().map(Bytes::of).toList());
  }

  /** One that does not lead here, or is being merged already, refuses; PD repeats the order while it makes sense. */
  private void merge(RegionOrder.MergeRegions order) {
    RegionDescriptor right = Wire.region(order.getRight());
    var unused = engine
        .merge(new RegionId(order.getRegionId()), Wire.epoch(order.getEpoch()), right)
        .whenComplete((begun, failure) -> {
          if (failure == null) {
            LOG.info("region={} begins to take in {}", order.getRegionId(), right);
          } else {
            LOG.info(
                "region={} does not take in {}: {}",
                order.getRegionId(),
                right,
                failure.getMessage());
          }
        });
  }

  private void check(RegionOrder.CheckReplicas order) {
    engine
        .region(new RegionId(order.getRegionId()))
        .filter(RegionHost::leading)
        .ifPresent(region -> {
          var unused = region.check(order.getRevision()).whenComplete((sum, failure) -> {
            if (failure == null) {
              LOG.info("region={} replicas are compared: {}", order.getRegionId(), sum);
            } else {
              LOG.info("region={} not compared: {}", order.getRegionId(), failure.getMessage());
            }
          });
        });
  }

  @Override
  public void close() {
    executor.shutdownNow();
    try {
      if (!executor.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn("an order is still in work after {} s", CLOSE_SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
