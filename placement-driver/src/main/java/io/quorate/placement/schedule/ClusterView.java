package io.quorate.placement.schedule;

import io.quorate.model.Peer;
import io.quorate.model.PeerRole;
import io.quorate.model.RegionId;
import io.quorate.model.StoreId;
import io.quorate.placement.registry.HeardRegion;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The cluster at one moment, as planning sees it: stores with their sums, regions in key order, and which region is on which
 * store. Immutable; made in one pass over the regions, so that a round over a hundred thousand of them is cheap.
 */
public final class ClusterView {
  /** What a region without a size counts: many empty regions are a load, too. */
  static final long SIZE_MIN = 1 << 20;

  private final StoreView[] stores;
  private final int[] indexOfId;
  private final HeardRegion[] regions;
  private final int[][] held;
  private final int[][] led;
  private final int[] odd;
  private final Map<RegionId, Set<Long>> damaged;
  private final Busy busy;
  private final long nowNanos;
  private final long round;

  /**
   * What must be left alone.
   *
   * @param running operators under way
   * @param resting regions whose last operator ended a moment ago, with the words that say so
   */
  public record Busy(Map<RegionId, Operator> running, Map<RegionId, String> resting) {
    public static final Busy NONE = new Busy(Map.of(), Map.of());

    public Busy {
      running = Map.copyOf(running);
      resting = Map.copyOf(resting);
    }
  }

  private ClusterView(
      StoreView[] stores,
      int[] indexOfId,
      HeardRegion[] regions,
      int[][] held,
      int[][] led,
      int[] odd,
      Map<RegionId, Set<Long>> damaged,
      Busy busy,
      long nowNanos,
      long round) {
    this.stores = stores;
    this.indexOfId = indexOfId;
    this.regions = regions;
    this.held = held;
    this.led = led;
    this.odd = odd;
    this.damaged = damaged;
    this.busy = busy;
    this.nowNanos = nowNanos;
    this.round = round;
  }

  /**
   * Counts.
   *
   * @param facts the stores, not counted yet
   * @param heard the regions in key order
   * @param nowNanos of the clock that the regions were heard by
   * @param round grows by one with each round of planning; where patrols that cannot see everything begin
   */
  public static ClusterView of(
      Collection<StoreView> facts, List<HeardRegion> heard, Busy busy, long nowNanos, long round) {
    HeardRegion[] regions = heard.toArray(new HeardRegion[0]);
    StoreView[] stores = facts.stream()
        .sorted((left, right) -> left.id().compareTo(right.id()))
        .toArray(StoreView[]::new);
    int[] indexOfId =
        new int[stores.length == 0 ? 0 : (int) stores[stores.length - 1].id().value() + 1];
    Arrays.fill(indexOfId, -1);
    for (int i = 0; i < stores.length; i++) {
      indexOfId[(int) stores[i].id().value()] = i;
    }
    Census census = new Census(stores.length);
    for (int i = 0; i < regions.length; i++) {
      census.count(regions[i], i, indexOfId);
    }
    for (int i = 0; i < stores.length; i++) {
      stores[i] = stores[i].with(stores[i].quota(), census.tally(i));
    }
    ClusterView counted = new ClusterView(
        stores,
        indexOfId,
        regions,
        census.held(),
        census.led(),
        census.odd(),
        Map.of(),
        busy,
        nowNanos,
        round);
    return busy.running().isEmpty() ? counted : counted.withInfluence();
  }

  private ClusterView withInfluence() {
    Draft draft = new Draft(this);
    for (HeardRegion region : regions) {
      Operator running = busy.running().get(region.descriptor().id());
      if (running != null) {
        draft.influence(running, region, /* admitted= */ true);
      }
    }
    return with(draft.stores(), busy);
  }

  /** The view in which these operators are under way. */
  public ClusterView with(Collection<Operator> planned) {
    if (planned.isEmpty()) {
      return this;
    }
    Draft draft = new Draft(this);
    Map<RegionId, Operator> running = new HashMap<>(busy.running());
    for (Operator operator : planned) {
      running.put(operator.region().descriptor().id(), operator);
      draft.influence(operator, operator.region(), /* admitted= */ false);
    }
    return with(draft.stores(), new Busy(running, busy.resting()));
  }

  private ClusterView with(StoreView[] changed, Busy nowBusy) {
    return new ClusterView(
        changed, indexOfId, regions, held, led, odd, damaged, nowBusy, nowNanos, round);
  }

  /** The view in which these replicas, by region, hold other data than their leaders. */
  public ClusterView withDamaged(Map<RegionId, Set<Long>> replicas) {
    return new ClusterView(
        stores, indexOfId, regions, held, led, odd, Map.copyOf(replicas), busy, nowNanos, round);
  }

  boolean hasDamaged() {
    return !damaged.isEmpty();
  }

  /** Replicas of the region that hold other data than its leader, as their stores told. */
  Set<Long> damaged(RegionId region) {
    return damaged.isEmpty() ? Set.of() : damaged.getOrDefault(region, Set.of());
  }

  public int storeCount() {
    return stores.length;
  }

  public StoreView store(int index) {
    return stores[index];
  }

  StoreView[] storesCopy() {
    return stores.clone();
  }

  public List<StoreView> stores() {
    return List.of(stores);
  }

  public Optional<StoreView> store(StoreId id) {
    int index = indexOf(id);
    return index < 0 ? Optional.empty() : Optional.of(stores[index]);
  }

  /** Where the store stands in this view; -1 if it is not known. */
  public int indexOf(StoreId id) {
    return id.value() >= 0 && id.value() < indexOfId.length ? indexOfId[(int) id.value()] : -1;
  }

  public int regionCount() {
    return regions.length;
  }

  public HeardRegion region(int index) {
    return regions[index];
  }

  /** Walks over all regions: for single answers, not for planning. */
  public Optional<HeardRegion> region(RegionId id) {
    return Arrays.stream(regions)
        .filter(region -> region.descriptor().id().equals(id))
        .findFirst();
  }

  /** Regions, by index, that have a replica on the store. */
  int[] held(int store) {
    return held[store];
  }

  /** Regions, by index, that the store leads. */
  int[] led(int store) {
    return led[store];
  }

  /**
   * Regions, by index, ascending, that are not as most are: another number of replicas than the first one, one that does not vote,
   * is down, or is on a store that is not known. All others are alike but for the stores that they are on.
   */
  int[] odd() {
    return odd;
  }

  public Busy busy() {
    return busy;
  }

  public long nowNanos() {
    return nowNanos;
  }

  public long round() {
    return round;
  }

  /** How many operators of the kind are under way. */
  int running(Operator.Kind kind) {
    int count = 0;
    for (Operator operator : busy.running().values()) {
      count += operator.kind() == kind ? 1 : 0;
    }
    return count;
  }

  static long size(HeardRegion region) {
    return Math.max(SIZE_MIN, region.approximateBytes());
  }

  /** The share of regions that a leader was heard of, since this PD leads. */
  public double heardShare() {
    int heard = 0;
    for (HeardRegion region : regions) {
      heard += region.leader().isPresent() ? 1 : 0;
    }
    return regions.length == 0 ? 1 : (double) heard / regions.length;
  }

  /** The sums of one pass. */
  private static final class Census {
    private final IndexList[] held;
    private final IndexList[] led;
    private final IndexList odd = new IndexList();
    private int usual = -1;
    private final long[] bytes;
    private final int[] pending;
    private final double[] leaderLoad;
    private final double[] writeLoad;

    Census(int stores) {
      held = IndexList.many(stores);
      led = IndexList.many(stores);
      bytes = new long[stores];
      pending = new int[stores];
      leaderLoad = new double[stores];
      writeLoad = new double[stores];
    }

    void count(HeardRegion region, int index, int[] indexOfId) {
      long size = size(region);
      List<Peer> peers = region.descriptor().peers();
      boolean someLag = !region.health().pending().isEmpty();
      usual = usual < 0 ? peers.size() : usual;
      boolean isOdd = peers.size() != usual || !region.health().downSince().isEmpty();
      for (int i = 0; i < peers.size(); i++) {
        Peer peer = peers.get(i);
        int store = at(peer.store(), indexOfId);
        isOdd |= store < 0 || peer.role() != PeerRole.VOTER;
        if (store >= 0) {
          held[store].add(index);
          bytes[store] += size;
          writeLoad[store] += region.load().writtenBytes();
          if (someLag && region.health().pending().contains(peer.replica())) {
            pending[store]++;
          }
        }
      }
      if (isOdd) {
        odd.add(index);
      }
      Peer leader = region.leader().orElse(null);
      int store = leader == null ? -1 : at(leader.store(), indexOfId);
      if (store >= 0) {
        led[store].add(index);
        leaderLoad[store] += region.load().bytes();
      }
    }

    private static int at(StoreId id, int[] indexOfId) {
      return id.value() < indexOfId.length ? indexOfId[(int) id.value()] : -1;
    }

    StoreView.Tally tally(int store) {
      return new StoreView.Tally(
          led[store].size,
          held[store].size,
          bytes[store],
          pending[store],
          0,
          leaderLoad[store],
          writeLoad[store]);
    }

    int[] odd() {
      return odd.toArray();
    }

    int[][] held() {
      return Arrays.stream(held).map(IndexList::toArray).toArray(int[][]::new);
    }

    int[][] led() {
      return Arrays.stream(led).map(IndexList::toArray).toArray(int[][]::new);
    }
  }

  /** A list of ints that grows. */
  private static final class IndexList {
    private int[] items = new int[16];
    private int size;

    static IndexList[] many(int count) {
      IndexList[] lists = new IndexList[count];
      for (int i = 0; i < count; i++) {
        lists[i] = new IndexList();
      }
      return lists;
    }

    void add(int item) {
      if (size == items.length) {
        items = Arrays.copyOf(items, size * 2);
      }
      items[size++] = item;
    }

    int[] toArray() {
      return Arrays.copyOf(items, size);
    }
  }
}
