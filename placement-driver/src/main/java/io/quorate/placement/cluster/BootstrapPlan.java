package io.quorate.placement.cluster;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Peer;
import io.quorate.model.PeerRole;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionEpoch;
import io.quorate.model.RegionId;
import io.quorate.model.StoreId;
import java.util.ArrayList;
import java.util.List;

/** Plans the first regions: which ranges, on which stores, led by whom. Pure. */
public final class BootstrapPlan {
  private BootstrapPlan() {}

  /**
   * Cuts the user keyspace at the keys and deals replicas and leaders round-robin over the stores.
   *
   * @param splitKeys as checked by {@link #checkSplitKeys}; n keys make n + 1 regions
   * @param stores at least one
   * @param replicaCount replicas of a region if there are so many stores
   * @param lastId the last id given so far
   */
  public static Bootstrap plan(
      List<Bytes> splitKeys, List<StoreId> stores, int replicaCount, long lastId) {
    if (stores.isEmpty() || replicaCount < 1) {
      throw new IllegalArgumentException(stores.size() + " stores, " + replicaCount + " replicas");
    }
    checkSplitKeys(splitKeys);
    int regions = splitKeys.size() + 1;
    int replicas = Math.min(replicaCount, stores.size());
    long nextReplica = lastId + regions + 1;
    List<FoundingRegion> founding = new ArrayList<>(regions);
    for (int i = 0; i < regions; i++) {
      Bytes start = i == 0 ? Bytes.EMPTY : splitKeys.get(i - 1);
      Bytes end = i == regions - 1 ? Bytes.EMPTY : splitKeys.get(i);
      List<Peer> peers = new ArrayList<>(replicas);
      for (int j = 0; j < replicas; j++) {
        peers.add(new Peer(stores.get((i + j) % stores.size()), nextReplica++, PeerRole.VOTER));
      }
      RegionDescriptor descriptor = new RegionDescriptor(
          new RegionId(lastId + 1 + i), KeyRange.of(start, end), RegionEpoch.FIRST, peers);
      founding.add(new FoundingRegion(descriptor, stores.get(i % stores.size())));
    }
    return new Bootstrap(lastId, nextReplica - 1, founding);
  }

  /** Refuses keys that are empty, out of order or given twice. */
  public static void checkSplitKeys(List<Bytes> splitKeys) {
    for (int i = 0; i < splitKeys.size(); i++) {
      Bytes key = splitKeys.get(i);
      if (key.isEmpty()) {
        throw new IllegalArgumentException(
            "a split key is empty: regions are split at keys of at least one byte");
      }
      if (i > 0 && splitKeys.get(i - 1).compareTo(key) >= 0) {
        throw new IllegalArgumentException("split keys must ascend and differ: '"
            + splitKeys.get(i - 1) + "' stands before '" + key + "'");
      }
    }
  }
}
