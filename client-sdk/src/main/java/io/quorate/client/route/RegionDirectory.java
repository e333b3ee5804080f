package io.quorate.client.route;

import io.quorate.client.placement.PlacementClient;
import io.quorate.client.placement.RegionListing;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Peer;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.StoreDescriptor;
import io.quorate.model.StoreId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Holds the newest routing table and fetches what is missing from PD: one lookup at a time, however
 * many ask, and a pause between lookups. Owned by a client; safe on any thread.
 */
public final class RegionDirectory implements AutoCloseable {
  private static final int LOOKUP_REGIONS_MAX = 1024;
  private static final long PAUSE_NANOS_MIN = 10_000_000;

  private final PlacementClient placement;
  private final ScheduledExecutorService loop;
  private final Runnable onLookup;
  // Written under this, read without it.
  private volatile RoutingTable table = RoutingTable.EMPTY;
  private volatile Map<StoreId, StoreDescriptor> stores = Map.of();

  // Guarded by this.
  private @Nullable Lookup running;
  private @Nullable Lookup queued;
  private long lastEndNanos;
  private boolean lookedUp;
  private @Nullable AutoCloseable push;

  /** A question to PD from a key on, and everybody who waits for its answer. */
  private static final class Lookup {
    private Bytes from;
    private final CompletableFuture<Void> done = new CompletableFuture<>();

    Lookup(Bytes from) {
      this.from = from;
    }
  }

  /**
   * Makes a directory that knows nothing yet.
   *
   * @param onLookup told of each lookup that is sent
   */
  public RegionDirectory(
      PlacementClient placement, ScheduledExecutorService loop, Runnable onLookup) {
    this.placement = placement;
    this.loop = loop;
    this.onLookup = onLookup;
  }

  public RoutingTable table() {
    return table;
  }

  /** The store, or null if its address is not known. */
  public @Nullable StoreDescriptor store(StoreId id) {
    return stores.get(id);
  }

  /** Takes what a region answered about itself and its neighbours. */
  public void learn(List<RegionDescriptor> regions) {
    List<Route> fresh =
        regions.stream().map(region -> Route.of(region, null, 0)).toList();
    update(fresh);
  }

  /** A replica answered, or was named, as the leader. */
  public void leaderIs(RegionDescriptor region, Peer leader) {
    Route known = table.find(region.range().start());
    if (known != null && leader.equals(known.leader())) {
      return;
    }
    synchronized (this) {
      table = table.withLeader(region, leader);
    }
  }

  /** The replica does not lead: believe in it no more, unless somebody already did better. */
  public void leaderFailed(RegionDescriptor region, Peer failed) {
    synchronized (this) {
      Route now = table.find(region.range().start());
      if (now != null && failed.equals(now.leader())) {
        table = table.withLeader(region, null);
      }
    }
  }

  /** Fetches what PD knows from the key on; fails with {@code PlacementException}. */
  public synchronized CompletableFuture<Void> load(Bytes key) {
    // Between the caller's look and this one an answer may have come.
    return table.find(key) != null
        ? CompletableFuture.completedFuture(null)
        : lookup(table.gapStart(key));
  }

  /** Fetches a region anew that has proved stale. */
  public CompletableFuture<Void> refresh(RegionDescriptor region) {
    return lookup(region.range().start());
  }

  /** Lets PD push changes from now on; they are hints, and their loss costs a round trip. */
  public synchronized void startPush() {
    if (push == null) {
      push = placement.watchRegions(this::learn);
    }
  }

  @Override
  public synchronized void close() {
    Lookup waiting = queued;
    if (waiting != null) {
      waiting.done.cancel(false);
    }
  }

  private void learn(RegionListing listing) {
    List<Route> fresh = listing.regions().stream().map(Route::of).toList();
    synchronized (this) {
      if (listing.stores().stream().anyMatch(store -> !store.equals(stores.get(store.id())))) {
        Map<StoreId, StoreDescriptor> next = new HashMap<>(stores);
        listing.stores().forEach(store -> next.put(store.id(), store));
        stores = Map.copyOf(next);
      }
      table = table.with(fresh);
    }
  }

  private synchronized void update(List<Route> fresh) {
    table = table.with(fresh);
  }

  private synchronized CompletableFuture<Void> lookup(Bytes from) {
    Lookup current = running;
    if (current != null && from.compareTo(current.from) >= 0) {
      return current.done;
    }
    Lookup next = queued;
    if (next == null) {
      next = new Lookup(from);
      queued = next;
      if (current == null) {
        startQueued();
      }
    } else if (from.compareTo(next.from) < 0) {
      next.from = from;
    }
    return next.done;
  }

  private synchronized void startQueued() {
    long pause = PAUSE_NANOS_MIN
        + ThreadLocalRandom.current().nextLong(PAUSE_NANOS_MIN)
        - (System.nanoTime() - lastEndNanos);
    if (lookedUp && pause > 0) {
      var unused = loop.schedule(this::sendQueued, pause, TimeUnit.NANOSECONDS);
    } else {
      sendQueued();
    }
  }

  private void sendQueued() {
    Lookup lookup;
    synchronized (this) {
      lookup = queued;
      if (lookup == null || running != null) {
        return;
      }
      running = lookup;
      queued = null;
    }
    onLookup.run();
    var unused = placement
        .lookup(KeyRange.of(lookup.from, Bytes.EMPTY), LOOKUP_REGIONS_MAX)
        .whenComplete((listing, failure) -> end(lookup, listing, failure));
  }

  private void end(Lookup lookup, @Nullable RegionListing listing, @Nullable Throwable failure) {
    if (listing != null) {
      learn(listing);
    }
    synchronized (this) {
      running = null;
      lookedUp = true;
      lastEndNanos = System.nanoTime();
      if (queued != null) {
        startQueued();
      }
    }
    if (failure != null) {
      lookup.done.completeExceptionally(failure);
    } else {
      lookup.done.complete(null);
    }
  }
}
