package io.quorate.placement.cluster;

import io.quorate.auth.AuthImage;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionId;
import io.quorate.model.StoreDescriptor;
import io.quorate.model.StoreId;
import io.quorate.placement.history.History;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * The cluster's hard state: all that PD must not forget. Every member rebuilds it by replaying the same records; soft state
 * (heartbeats, leaders) is not in here. Immutable.
 *
 * @param clusterId 0 until the cluster is founded
 * @param featureLevel 0 until then; never falls
 * @param lastStoreId the last store id given
 * @param lastId the last id given to a region or replica
 * @param marks the cluster-wide revisions
 * @param stores all that ever joined
 * @param regions last known descriptors; they tile the user keyspace once bootstrapped, but for a split or merge that was
 *     heard of only in part
 * @param founding the first regions as they were made; empty until bootstrapped
 * @param planning what people told planning
 * @param history what is kept of the past
 * @param auth users and roles
 */
public record ClusterImage(
    long clusterId,
    long featureLevel,
    long lastStoreId,
    long lastId,
    Marks marks,
    SortedMap<StoreId, StoreDescriptor> stores,
    SortedMap<RegionId, RegionDescriptor> regions,
    List<FoundingRegion> founding,
    PlanningNotes planning,
    History history,
    AuthImage auth) {
  /**
   * Cluster-wide revisions; none of them ever falls.
   *
   * @param bound no revision above it was ever handed out
   * @param compacted reads below it are refused everywhere
   * @param auth revision of the users and roles
   */
  public record Marks(long bound, long compacted, long auth) {}

  private static final Class<?> FROZEN =
      Collections.unmodifiableSortedMap(new TreeMap<Long, Long>()).getClass();

  public static final ClusterImage EMPTY = new ClusterImage(
      0,
      0,
      0,
      0,
      new Marks(0, 0, 0),
      new TreeMap<>(),
      new TreeMap<>(),
      List.of(),
      PlanningNotes.NONE,
      History.EMPTY,
      AuthImage.EMPTY);

  public ClusterImage {
    stores = frozen(stores);
    regions = frozen(regions);
    founding = List.copyOf(founding);
  }

  /** Sorted, because rules walk these maps and must come to the same words everywhere; not copied again. */
  private static <K extends Comparable<K>, V> SortedMap<K, V> frozen(SortedMap<K, V> map) {
    return map.getClass() == FROZEN ? map : Collections.unmodifiableSortedMap(new TreeMap<>(map));
  }

  /** The image after the record; equal images and records give equal results. */
  public Replayed with(PlacementRecord record) {
    return record.replay(this);
  }

  public boolean isFounded() {
    return clusterId != 0;
  }

  public boolean isBootstrapped() {
    return !founding.isEmpty();
  }

  public long revisionBound() {
    return marks.bound();
  }

  /** Up to which revision old versions may be removed: not above the compacted one, nor above a barrier. */
  public long floor() {
    return history.floor(marks.compacted());
  }

  ClusterImage founded(long newClusterId, long newFeatureLevel) {
    return changed(draft -> {
      draft.clusterId = newClusterId;
      draft.featureLevel = newFeatureLevel;
    });
  }

  ClusterImage withLastId(long last) {
    return changed(draft -> draft.lastId = last);
  }

  ClusterImage withRevisionBound(long bound) {
    return changed(draft -> draft.marks = new Marks(bound, marks.compacted(), marks.auth()));
  }

  ClusterImage withCompacted(long compacted) {
    return changed(draft -> draft.marks = new Marks(marks.bound(), compacted, marks.auth()));
  }

  ClusterImage withHistory(History next) {
    return changed(draft -> draft.history = next);
  }

  ClusterImage withAuth(AuthImage next) {
    return changed(draft -> {
      draft.marks = new Marks(marks.bound(), marks.compacted(), next.revision());
      draft.auth = next;
    });
  }

  ClusterImage withStore(StoreDescriptor store) {
    SortedMap<StoreId, StoreDescriptor> all = new TreeMap<>(stores);
    all.put(store.id(), store);
    return changed(draft -> {
      draft.lastStoreId = Math.max(lastStoreId, store.id().value());
      draft.stores = all;
    });
  }

  ClusterImage withRegions(SortedMap<RegionId, RegionDescriptor> all) {
    return changed(draft -> draft.regions = all);
  }

  ClusterImage withPlanning(PlanningNotes notes) {
    return changed(draft -> draft.planning = notes);
  }

  ClusterImage bootstrapped(List<FoundingRegion> first, long ids) {
    SortedMap<RegionId, RegionDescriptor> all = new TreeMap<>();
    first.forEach(region -> all.put(region.descriptor().id(), region.descriptor()));
    return changed(draft -> {
      draft.lastId = ids;
      draft.regions = all;
      draft.founding = first;
    });
  }

  private ClusterImage changed(Consumer<Draft> change) {
    Draft draft = new Draft();
    change.accept(draft);
    return draft.finish();
  }

  /** A copy while it is changed; used by one thread, within one call. */
  private final class Draft {
    private long clusterId = ClusterImage.this.clusterId;
    private long featureLevel = ClusterImage.this.featureLevel;
    private long lastStoreId = ClusterImage.this.lastStoreId;
    private long lastId = ClusterImage.this.lastId;
    private Marks marks = ClusterImage.this.marks;
    private SortedMap<StoreId, StoreDescriptor> stores = ClusterImage.this.stores;
    private SortedMap<RegionId, RegionDescriptor> regions = ClusterImage.this.regions;
    private List<FoundingRegion> founding = ClusterImage.this.founding;
    private PlanningNotes planning = ClusterImage.this.planning;
    private History history = ClusterImage.this.history;
    private AuthImage auth = ClusterImage.this.auth;

    ClusterImage finish() {
      return new ClusterImage(
          clusterId,
          featureLevel,
          lastStoreId,
          lastId,
          marks,
          stores,
          regions,
          founding,
          planning,
          history,
          auth);
    }
  }
}
