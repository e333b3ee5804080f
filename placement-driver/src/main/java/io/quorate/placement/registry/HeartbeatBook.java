package io.quorate.placement.registry;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionEpoch;
import io.quorate.model.RegionId;
import io.quorate.model.StoreDescriptor;
import io.quorate.model.StoreId;
import io.quorate.placement.cluster.ClusterImage;
import io.quorate.placement.cluster.FoundingRegion;
import io.quorate.placement.cluster.Succession;
import io.quorate.proto.StoreStats;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What one term's leader has heard from the stores: the soft half of PD's knowledge, never persisted, begun anew by each
 * leader from the image. No threads and no clock: time is an argument (nanoseconds of one monotonic clock). Owned by the
 * {@link RegistryHost}, used under its lock.
 */
public final class HeartbeatBook {
  /** What a store last said of itself. */
  private record HeardStore(long heardNanos, StoreStats stats, Map<RegionId, Held> held) {}

  /** One replica; its id is 0 if it was not told. */
  private record Held(long replica, long sinceNanos) {}

  /**
   * A replica that its region does not count.
   *
   * @param epoch of the region that says so; empty if the region itself is no more
   */
  public record Stale(RegionId region, Optional<RegionEpoch> epoch, long replica) {}

  /** What came of a region's beat. */
  public sealed interface Verdict {
    /** It is older than what is known; nothing changed. */
    record Refused(String why) implements Verdict {}

    /** It is news, and waits for news of those who own what it owned, so that no map has a hole. */
    record Waits() implements Verdict {}

    /**
     * It took its place.
     *
     * @param shapeChanged its range or members are others than before: to be persisted
     * @param moved its shape or leader is another than before: to be told to watchers
     * @param others regions that took theirs with it, in another shape than before
     */
    record Accepted(boolean shapeChanged, boolean moved, List<HeardRegion> others)
        implements Verdict {
      public Accepted {
        others = List.copyOf(others);
      }
    }
  }

  private static final int MAX_ENDED = 100_000;

  private final long openedNanos;
  private final long patienceNanos;
  private final TreeMap<Bytes, HeardRegion> byStart = new TreeMap<>();
  private final Map<RegionId, HeardRegion> byId = new HashMap<>();
  private final Map<StoreId, HeardStore> stores = new HashMap<>();
  private final WaitingShapes waiting = new WaitingShapes();
  /** By store, as it last told: replicas whose data differ from their leaders'. */
  private final Map<StoreId, Map<RegionId, Long>> damaged = new HashMap<>();
  /** Regions that ended in others, as those say; ids are never given twice. */
  private final Set<RegionId> ended = new HashSet<>();

  /**
   * @param image what the leader starts from
   * @param nowNanos when it began to listen: stores that were never heard are silent since then
   * @param patienceNanos how long a new shape waits for those that own the rest of what it replaces
   */
  public HeartbeatBook(ClusterImage image, long nowNanos, long patienceNanos) {
    this.openedNanos = nowNanos;
    this.patienceNanos = patienceNanos;
    absorb(image);
  }

  /** Takes in regions that the log knows and no beat has told of or contradicted; returns those. */
  public List<HeardRegion> absorb(ClusterImage image) {
    List<HeardRegion> absorbed = new ArrayList<>();
    for (RegionDescriptor descriptor : image.regions().values()) {
      HeardRegion known = byId.get(descriptor.id());
      boolean newer = known == null || known.descriptor().epoch().isOlderThan(descriptor.epoch());
      if (newer && Succession.refusal(descriptor, rivals(descriptor)).isEmpty()) {
        HeardRegion silent = HeardRegion.silent(descriptor, openedNanos);
        place(silent);
        absorbed.add(silent);
      }
    }
    return absorbed;
  }

  /** Notes regions that ended in another, by that one's word. Where too many are remembered, it begins anew: they are told again. */
  public void ended(Collection<Long> regions) {
    if (ended.size() + regions.size() > MAX_ENDED) {
      ended.clear();
    }
    regions.forEach(region -> ended.add(new RegionId(region)));
  }

  /**
   * Judges and takes in a leader's report (pd, core/region.go, check; and the same region's term). An older shape leads whoever asks
   * to a store that knows the newer ones; a hole leads nowhere. So a shape that would open one waits.
   *
   * @param born regions that were cut off from it, as its leader tells
   */
  public Verdict hear(HeardRegion region, List<RegionDescriptor> born, long nowNanos) {
    RegionDescriptor shape = region.descriptor();
    List<RegionDescriptor> rivals = rivals(shape);
    rivals.addAll(waiting.rivals(shape));
    Optional<String> stale = Succession.refusal(shape, rivals);
    if (stale.isPresent()) {
      return new Verdict.Refused(stale.get());
    }
    HeardRegion known = byId.get(shape.id());
    long term = Math.max(
        known == null ? 0 : known.term(),
        waiting.region(shape.id()).map(HeardRegion::term).orElse(0L));
    if (term > region.term()) {
      return new Verdict.Refused("region=" + shape.id() + " epoch=" + shape.epoch()
          + " is told by a leader of term " + region.term() + ", but term " + term + " was heard");
    }
    if (known != null && known.descriptor().equals(shape)) {
      boolean moved = !known.leader().equals(region.leader());
      place(region);
      return new Verdict.Accepted(false, moved, placeBorn(born, nowNanos));
    }
    waiting.add(region, born, nowNanos);
    List<HeardRegion> placed = settle(nowNanos);
    return placed.remove(region) ? new Verdict.Accepted(true, true, placed) : new Verdict.Waits();
  }

  /** All that waited and could take their places now. */
  private List<HeardRegion> settle(long nowNanos) {
    List<HeardRegion> placed = new ArrayList<>();
    boolean more = true;
    while (more) {
      more = false;
      for (WaitingShapes.Shape shape : waiting.all()) {
        if (waiting.has(shape)) {
          List<WaitingShapes.Shape> ready = waiting.ready(shape, this::rivals);
          boolean over = nowNanos - shape.sinceNanos() >= patienceNanos;
          for (WaitingShapes.Shape one : ready.isEmpty() && over ? List.of(shape) : ready) {
            settle(one, nowNanos, placed);
            more = true;
          }
        }
      }
    }
    return placed;
  }

  private void settle(WaitingShapes.Shape shape, long nowNanos, List<HeardRegion> placed) {
    waiting.remove(shape);
    if (Succession.refusal(shape.descriptor(), rivals(shape.descriptor())).isEmpty()) {
      place(shape.region());
      placed.add(shape.region());
      placed.addAll(placeBorn(shape.born(), nowNanos));
    }
  }

  /** Takes in regions that their parent's leader told to be cut off, unless more is known of them or of their range. */
  private List<HeardRegion> placeBorn(List<RegionDescriptor> born, long nowNanos) {
    List<HeardRegion> placed = new ArrayList<>();
    for (RegionDescriptor one : born) {
      if (!byId.containsKey(one.id()) && regions(one.range(), 1).isEmpty()) {
        HeardRegion silent = HeardRegion.silent(one, nowNanos);
        place(silent);
        placed.add(silent);
      }
    }
    return placed;
  }

  /**
   * Notes a store's beat.
   *
   * @param held regions it holds, with the replicas' ids (0: not told): all of them if full, else further ones
   */
  public void hear(
      StoreId store, StoreStats stats, Map<RegionId, Long> held, boolean full, long nowNanos) {
    HeardStore known = stores.get(store);
    Map<RegionId, Held> before = known == null ? Map.of() : known.held();
    Map<RegionId, Held> all = full ? new HashMap<>() : new HashMap<>(before);
    stats.getTombstonesList().forEach(region -> all.remove(new RegionId(region)));
    held.forEach((region, replica) -> {
      Held same = before.get(region);
      boolean sameReplica = same != null && (replica == 0 || same.replica() == replica);
      all.put(region, sameReplica ? same : new Held(replica, nowNanos));
    });
    stores.put(store, new HeardStore(nowNanos, stats, all));
  }

  /** Notes which replicas of the store are damaged now, by region. */
  public void hearDamaged(StoreId store, Map<RegionId, Long> replicas) {
    if (replicas.isEmpty()) {
      damaged.remove(store);
    } else {
      damaged.put(store, Map.copyOf(replicas));
    }
  }

  /** The replicas that are damaged, by region. */
  public Map<RegionId, Set<Long>> damaged() {
    Map<RegionId, Set<Long>> all = new HashMap<>();
    damaged
        .values()
        .forEach(replicas -> replicas.forEach((region, replica) ->
            all.computeIfAbsent(region, any -> new HashSet<>()).add(replica)));
    return all;
  }

  /**
   * Replicas that the store said to hold a while ago and whose region, by its leader's own word, has no such member, or is no
   * more, by the word of the one it ended in. A replica
   * whose id was not told, or whose region has no leader that was heard, is left alone.
   */
  public List<Stale> stale(StoreId store, long ageNanos, int max, long nowNanos) {
    HeardStore heard = stores.get(store);
    List<Stale> stale = new ArrayList<>();
    if (heard == null) {
      return stale;
    }
    heard.held().forEach((id, held) -> {
      HeardRegion region = byId.get(id);
      if (stale.size() < max
          && region == null
          && ended.contains(id)
          && nowNanos - held.sinceNanos() >= ageNanos) {
        stale.add(new Stale(id, Optional.empty(), held.replica()));
      }
      if (stale.size() < max
          && region != null
          && waiting.region(id).isEmpty()
          && region.leader().isPresent()
          && held.replica() != 0
          && nowNanos - held.sinceNanos() >= ageNanos
          && region.descriptor().peers().stream()
              .noneMatch(peer -> peer.replica() == held.replica())) {
        stale.add(new Stale(id, Optional.of(region.descriptor().epoch()), held.replica()));
      }
    });
    return stale;
  }

  /** All regions in key order. */
  public List<HeardRegion> regions() {
    return List.copyOf(byStart.values());
  }

  /** Why the log or the beats know better than this shape; empty if they do not. */
  public Optional<String> refusal(RegionDescriptor region) {
    return Succession.refusal(region, rivals(region));
  }

  /** The first regions that have a peer on the store and that it has not shown to hold, at most so many. */
  public List<FoundingRegion> missing(ClusterImage image, StoreId store, int max) {
    HeardStore heard = stores.get(store);
    Set<RegionId> held = heard == null ? Set.of() : heard.held().keySet();
    return image.founding().stream()
        .filter(region -> !held.contains(region.descriptor().id()))
        .filter(region -> stillPeer(image, region, store))
        .limit(max)
        .toList();
  }

  /** The same replica must still be a member: one that was moved away is not seeded a second time. */
  private static boolean stillPeer(ClusterImage image, FoundingRegion founding, StoreId store) {
    RegionDescriptor now = image.regions().get(founding.descriptor().id());
    return now != null
        && founding
            .descriptor()
            .peerOn(store)
            .filter(first -> now.peerOn(store)
                .filter(peer -> peer.replica() == first.replica())
                .isPresent())
            .isPresent();
  }

  public Optional<HeardRegion> region(RegionId id) {
    return Optional.ofNullable(byId.get(id));
  }

  /** Regions that overlap the range, in key order, at most so many. */
  public List<HeardRegion> regions(KeyRange range, int max) {
    List<HeardRegion> found = new ArrayList<>();
    Bytes from = byStart.floorKey(range.start());
    for (HeardRegion region :
        byStart.tailMap(from == null ? range.start() : from).values()) {
      Bytes start = region.descriptor().range().start();
      boolean behind = !range.isUnbounded() && start.compareTo(range.end()) >= 0;
      if (found.size() == max || behind) {
        break;
      }
      if (region.descriptor().range().overlaps(range)) {
        found.add(region);
      }
    }
    return found;
  }

  public int regionCount() {
    return byId.size();
  }

  public Optional<StoreStats> stats(StoreId store) {
    return Optional.ofNullable(stores.get(store)).map(HeardStore::stats);
  }

  /** When this book was begun. */
  public long openedNanos() {
    return openedNanos;
  }

  public boolean wasHeard(StoreId store) {
    return stores.containsKey(store);
  }

  /** How long the store has not been heard by this leader. */
  public Duration silence(StoreId store, long nowNanos) {
    HeardStore heard = stores.get(store);
    return Duration.ofNanos(nowNanos - (heard == null ? openedNanos : heard.heardNanos()));
  }

  /** Stores that serve and were heard by this leader not long ago, by id. */
  public List<StoreId> alive(ClusterImage image, LivenessLimits limits, long nowNanos) {
    return image.stores().values().stream()
        .filter(store -> wasHeard(store.id()))
        .filter(store ->
            limits.judge(store.state(), silence(store.id(), nowNanos)) == StoreDescriptor.State.UP)
        .map(StoreDescriptor::id)
        .toList();
  }

  private List<RegionDescriptor> rivals(RegionDescriptor region) {
    List<RegionDescriptor> rivals = new ArrayList<>();
    for (HeardRegion heard : regions(region.range(), Integer.MAX_VALUE)) {
      rivals.add(heard.descriptor());
    }
    HeardRegion same = byId.get(region.id());
    if (same != null) {
      rivals.add(same.descriptor());
    }
    return rivals;
  }

  private void place(HeardRegion region) {
    for (RegionDescriptor rival : rivals(region.descriptor())) {
      HeardRegion gone = byId.remove(rival.id());
      if (gone != null) {
        byStart.remove(gone.descriptor().range().start());
      }
    }
    byId.put(region.descriptor().id(), region);
    byStart.put(region.descriptor().range().start(), region);
  }
}
