package io.quorate.store;

import io.quorate.client.placement.PlacementClient;
import io.quorate.model.Bytes;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionEpoch;
import io.quorate.model.RegionId;
import io.quorate.proto.NewRegionIds;
import io.quorate.region.command.Split;
import io.quorate.region.host.RegionHost;
import io.quorate.region.host.RegionStats;
import io.quorate.region.host.StoreEngine;
import io.quorate.region.split.LoadHistory;
import io.quorate.region.split.SizeMarks;
import io.quorate.region.split.SplitKeys;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Cuts the regions that this store leads: those that have grown too large or are too hot, and those that somebody orders to be
 * cut. One at a time, since finding the keys walks the data.
 *
 * <p>Owner: {@link StoreNode}. Thread: one of its own; orders may come from any.
 */
final class SplitLoop implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SplitLoop.class);
  private static final int CLOSE_SECONDS = 5;
  /** A region that was walked in vain is walked again when it has grown by this part of the limit. */
  private static final int GROWTH_PARTS = 16;
  /** Regions whose ordered splits wait for the thread; more are dropped, PD repeats them. */
  private static final int MAX_ORDERED = 256;

  private final SplitConfig config;
  private final StoreEngine engine;
  private final PlacementClient placement;
  private final ScheduledExecutorService thread;
  /** What waits to be cut by order, once each: PD repeats an order long before a walk of the data is over. */
  private final Set<RegionId> ordered = ConcurrentHashMap.newKeySet();

  // Confined to the thread.
  private final Map<RegionId, Long> walkedAt = new HashMap<>();
  private final Map<RegionId, LoadHistory> loads = new HashMap<>();
  private final Map<RegionId, Long> busyAt = new HashMap<>();
  private long loadLookedAt;

  SplitLoop(SplitConfig config, StoreEngine engine, PlacementClient placement) {
    this.config = config;
    this.engine = engine;
    this.placement = placement;
    this.thread = Executors.newSingleThreadScheduledExecutor(runnable -> {
      Thread splits = new Thread(runnable, "store-" + engine.self() + "-splits");
      splits.setDaemon(true);
      return splits;
    });
  }

  void start() {
    long sizes = config.sizeEvery().toNanos();
    long loadEvery = config.loadEvery().toNanos();
    loadLookedAt = System.nanoTime();
    var unused = thread.scheduleWithFixedDelay(
        () -> guarded(this::lookAtSizes), sizes, sizes, TimeUnit.NANOSECONDS);
    var unusedToo = thread.scheduleWithFixedDelay(
        () -> guarded(this::lookAtLoad), loadEvery, loadEvery, TimeUnit.NANOSECONDS);
  }

  private static void guarded(Runnable look) {
    try {
      look.run();
    } catch (RuntimeException e) {
      // The top of the thread: one bad look must not end all later ones.
      LOG.error("a look at the regions failed", e);
    }
  }

  private void lookAtSizes() {
    List<RegionHost> led = engine.led();
    walkedAt.keySet().retainAll(ids(led));
    for (RegionHost region : led) {
      RegionDescriptor now = region.descriptor();
      long bytes = region.approximateBytes();
      long grown = bytes - walkedAt.getOrDefault(now.id(), 0L);
      boolean large = bytes >= config.limits().bytes()
          || region.approximateKeys() >= config.limits().keys();
      if (large && grown * GROWTH_PARTS >= config.limits().bytes()) {
        SizeMarks size = region.measure(config.maxVersions());
        walkedAt.put(now.id(), bytes);
        List<Bytes> keys = SplitKeys.bySize(size, config.limits());
        if (!keys.isEmpty()
            && split(
                region,
                now.epoch(),
                keys,
                "size " + size.bytes() + " B, " + size.keys() + " keys")) {
          walkedAt.remove(now.id());
        }
      }
    }
  }

  private static Set<RegionId> ids(List<RegionHost> regions) {
    return regions.stream().map(region -> region.descriptor().id()).collect(Collectors.toSet());
  }

  private void lookAtLoad() {
    long now = System.nanoTime();
    double seconds = (now - loadLookedAt) / 1e9;
    loadLookedAt = now;
    List<RegionHost> led = engine.led();
    Set<RegionId> ids = ids(led);
    loads.keySet().retainAll(ids);
    busyAt.keySet().retainAll(ids);
    for (RegionHost region : led) {
      RegionDescriptor descriptor = region.descriptor();
      RegionStats stats = region.stats();
      Long busy = stats.readKeys() + stats.writtenKeys();
      if (busy.equals(busyAt.put(descriptor.id(), busy))) {
        // Nothing came: it need not be woken.
        continue;
      }
      Optional<Bytes> key = await(region.takeLoad(), "load of " + descriptor.id())
          .flatMap(window -> loads
              .computeIfAbsent(descriptor.id(), id -> new LoadHistory())
              .look(descriptor.range(), window, seconds, config.limits()));
      if (key.isPresent()) {
        split(region, descriptor.epoch(), List.of(key.get()), "load");
      }
    }
  }

  /** An order: at the keys, or in the middle of the data where none is given. */
  void order(RegionId id, RegionEpoch epoch, List<Bytes> keys) {
    if (ordered.size() >= MAX_ORDERED || !ordered.add(id)) {
      return;
    }
    boolean taken = false;
    try {
      thread.execute(() -> {
        guarded(() -> engine.region(id).ifPresent(region -> splitByOrder(region, epoch, keys)));
        ordered.remove(id);
      });
      taken = true;
    } catch (RejectedExecutionException e) {
      LOG.debug("region={} not split: the store stops", id);
    } finally {
      if (!taken) {
        ordered.remove(id);
      }
    }
  }

  private void splitByOrder(RegionHost region, RegionEpoch epoch, List<Bytes> keys) {
    RegionDescriptor now = region.descriptor();
    if (!now.epoch().equals(epoch) || !region.leading()) {
      LOG.info("region={} not split by order: it is at {} now", now.id(), now.epoch());
      return;
    }
    List<Bytes> at = keys.isEmpty()
        ? SplitKeys.middle(region.measure(config.maxVersions())).stream().toList()
        : keys.stream().distinct().sorted().toList();
    if (at.isEmpty()) {
      LOG.info("region={} not split: it has fewer than two keys", now.id());
    } else {
      split(region, epoch, at, "order");
    }
  }

  private boolean split(RegionHost region, RegionEpoch epoch, List<Bytes> keys, String why) {
    RegionDescriptor now = region.descriptor();
    if (!now.epoch().equals(epoch) || !region.leading()) {
      LOG.info("region={} not split by {}: it is at {} now", now.id(), why, now.epoch());
      return false;
    }
    return await(placement.askSplit(now, keys.size()), "ids for region " + now.id())
        .flatMap(ids -> {
          LOG.info(
              "region={} epoch={} is split by {} at {} keys", now.id(), epoch, why, keys.size());
          return await(region.split(entry(epoch, keys, ids)), "split of region " + now.id());
        })
        .isPresent();
  }

  private static Split entry(RegionEpoch epoch, List<Bytes> keys, List<NewRegionIds> ids) {
    List<Split.Cut> cuts = new ArrayList<>(keys.size());
    for (int i = 0; i < Math.min(keys.size(), ids.size()); i++) {
      cuts.add(new Split.Cut(
          keys.get(i), new RegionId(ids.get(i).getRegionId()), ids.get(i).getReplicaIdsList()));
    }
    return new Split(epoch, cuts);
  }

  private <T> Optional<T> await(CompletableFuture<T> future, String what) {
    try {
      return Optional.of(future.get(config.timeout().toMillis(), TimeUnit.MILLISECONDS));
    } catch (ExecutionException e) {
      LOG.info("{}: {}", what, String.valueOf(e.getCause()));
    } catch (TimeoutException e) {
      LOG.info("{}: no answer in {}", what, config.timeout());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return Optional.empty();
  }

  @Override
  public void close() {
    thread.shutdownNow();
    try {
      if (!thread.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn("a look at the regions is still in work after {} s", CLOSE_SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
