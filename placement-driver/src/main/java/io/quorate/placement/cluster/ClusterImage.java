package io.quorate.placement.cluster;

import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionId;
import io.quorate.model.StoreDescriptor;
import io.quorate.model.StoreId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

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
 */
public record ClusterImage(
    long clusterId,
    long featureLevel,
    long lastStoreId,
    long lastId,
    Marks marks,
    Map<StoreId, StoreDescriptor> stores,
    Map<RegionId, RegionDescriptor> regions,
    List<FoundingRegion> founding) {
  /**
   * Cluster-wide revisions; none of them ever falls.
   *
   * @param bound no revision above it was ever handed out
   * @param compacted reads below it are refused everywhere
   * @param auth revision of the users and roles
   */
  public record Marks(long bound, long compacted, long auth) {}

  public static final ClusterImage EMPTY =
      new ClusterImage(0, 0, 0, 0, new Marks(0, 0, 0), Map.of(), Map.of(), List.of());

  public ClusterImage {
    stores = Map.copyOf(stores);
    regions = Map.copyOf(regions);
    founding = List.copyOf(founding);
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

  ClusterImage founded(long newClusterId, long newFeatureLevel) {
    return new ClusterImage(
        newClusterId, newFeatureLevel, lastStoreId, lastId, marks, stores, regions, founding);
  }

  ClusterImage withLastId(long last) {
    return new ClusterImage(
        clusterId, featureLevel, lastStoreId, last, marks, stores, regions, founding);
  }

  ClusterImage withRevisionBound(long bound) {
    Marks raised = new Marks(bound, marks.compacted(), marks.auth());
    return new ClusterImage(
        clusterId, featureLevel, lastStoreId, lastId, raised, stores, regions, founding);
  }

  ClusterImage withStore(StoreDescriptor store) {
    Map<StoreId, StoreDescriptor> all = new HashMap<>(stores);
    all.put(store.id(), store);
    long last = Math.max(lastStoreId, store.id().value());
    return new ClusterImage(clusterId, featureLevel, last, lastId, marks, all, regions, founding);
  }

  ClusterImage withRegion(RegionDescriptor region) {
    Map<RegionId, RegionDescriptor> all = new HashMap<>(regions);
    all.values().removeIf(other -> Succession.replaces(region, other));
    all.put(region.id(), region);
    return new ClusterImage(
        clusterId, featureLevel, lastStoreId, lastId, marks, stores, all, founding);
  }

  ClusterImage bootstrapped(List<FoundingRegion> first, long ids) {
    Map<RegionId, RegionDescriptor> all = new HashMap<>();
    first.forEach(region -> all.put(region.descriptor().id(), region.descriptor()));
    return new ClusterImage(clusterId, featureLevel, lastStoreId, ids, marks, stores, all, first);
  }
}
