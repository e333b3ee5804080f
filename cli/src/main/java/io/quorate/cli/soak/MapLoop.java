package io.quorate.cli.soak;

import io.quorate.client.placement.Located;
import io.quorate.client.placement.PlacementClient;
import io.quorate.client.placement.PlacementClientConfig;
import io.quorate.client.placement.PlacementException;
import io.quorate.client.placement.RegionListing;
import io.quorate.client.transport.ChannelFactory;
import io.quorate.client.transport.Endpoint;
import io.quorate.client.transport.TransportConfig;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.StoreId;
import io.quorate.proto.StoreState;
import io.quorate.proto.StoreStatus;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Takes the placement driver's map again and again, judges each, and remembers the shapes that regions have had, so that stores
 * can be asked for keys by shapes of the past. Owned by one round; one thread of its own, read by any.
 */
final class MapLoop implements AutoCloseable {
  private static final long EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /** Shapes remembered. */
  private static final int SHAPES_MAX = 512;

  /** Maps with more regions come in pages, which are not one moment's: they are not judged. */
  private static final int REGIONS_MAX = 1_000;

  /** One in so many asks goes by a shape of the past. */
  private static final int PAST_SHARE = 3;

  private final Duration holeMax;
  private final ChannelFactory channels = new ChannelFactory(TransportConfig.defaults(), "maps-io");
  private final PlacementClient placement;
  private final Thread thread;
  private final Deque<RegionDescriptor> shapes = new ArrayDeque<>();
  private final List<String> violations = new ArrayList<>();
  private List<Located> newest = List.of();
  private List<StoreId> serving = List.of();
  private long maps;
  private long holes;
  private long holeSince;
  private long longestHoleNanos;
  private volatile boolean stopped;

  /**
   * Takes the first map and starts.
   *
   * @param holeMax how long a range may be without an owner in the map: a new region is in it once its leader was heard
   */
  MapLoop(String pdAddresses, Duration holeMax) {
    this.holeMax = holeMax;
    this.placement = PlacementClient.connect(
        PlacementClientConfig.defaults(Endpoint.parseList(pdAddresses), 0), channels);
    take();
    thread = new Thread(this::run, "maps");
    thread.setDaemon(true);
    thread.start();
  }

  private void run() {
    while (!stopped) {
      LockSupport.parkNanos(EVERY_NANOS);
      try {
        take();
      } catch (PlacementException | CompletionException e) {
        // Nobody leads the placement drivers for now.
        lookAtHoles(System.nanoTime(), false);
      }
    }
  }

  private void take() {
    RegionListing listing = placement.lookup(KeyRange.ALL, REGIONS_MAX).join();
    List<StoreStatus> stores = placement.listStores().join();
    List<RegionDescriptor> regions =
        listing.regions().stream().map(Located::region).toList();
    Tiling tiling = listing.more() ? new Tiling(List.of(), List.of()) : Tiling.of(regions);
    synchronized (this) {
      maps++;
      newest = listing.regions();
      serving = stores.stream()
          .filter(store -> store.getStore().getState() == StoreState.UP)
          .map(store -> new StoreId(store.getStore().getStoreId()))
          .toList();
      regions.stream().filter(region -> !shapes.contains(region)).forEach(shapes::addFirst);
      while (shapes.size() > SHAPES_MAX) {
        shapes.removeLast();
      }
      tiling.overlaps().forEach(pair -> say("two regions of one map own the same keys: " + pair));
      holes += tiling.holes().size();
    }
    lookAtHoles(System.nanoTime(), !tiling.holes().isEmpty());
  }

  private synchronized void lookAtHoles(long now, boolean open) {
    if (!open) {
      holeSince = 0;
    } else if (holeSince == 0) {
      holeSince = now;
    } else {
      long lasted = now - holeSince;
      if (lasted > holeMax.toNanos() && longestHoleNanos <= holeMax.toNanos()) {
        say("the map had a hole for more than " + holeMax);
      }
      longestHoleNanos = Math.max(longestHoleNanos, lasted);
    }
  }

  private void say(String violation) {
    if (violations.size() < Invariant.TOLD_MAX) {
      violations.add("MapsTile: " + violation);
    }
  }

  /** The newest map's regions. */
  synchronized List<Located> regions() {
    return newest;
  }

  /** Stores that are up and neither drained nor spared. */
  synchronized List<StoreId> serving() {
    return serving;
  }

  /** A region that owns the key, or once did; empty if nobody is known to, while a map has a hole there. */
  synchronized Optional<RegionDescriptor> owner(Bytes key, SplittableRandom random) {
    List<RegionDescriptor> past = random.nextInt(PAST_SHARE) == 0
        ? shapes.stream().filter(shape -> shape.range().contains(key)).toList()
        : List.of();
    return past.isEmpty()
        ? newest.stream()
            .map(Located::region)
            .filter(region -> region.range().contains(key))
            .findFirst()
        : Optional.of(past.get(random.nextInt(past.size())));
  }

  /** Numbers that sum up over rounds, and what was found wrong. */
  synchronized long maps() {
    return maps;
  }

  synchronized long holes() {
    return holes;
  }

  synchronized Duration longestHole() {
    return Duration.ofNanos(longestHoleNanos);
  }

  synchronized List<String> violations() {
    return List.copyOf(violations);
  }

  @Override
  public void close() {
    stopped = true;
    LockSupport.unpark(thread);
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    placement.close();
    channels.close();
  }
}
