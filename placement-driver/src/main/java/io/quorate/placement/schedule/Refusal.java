package io.quorate.placement.schedule;

import io.quorate.model.StoreDescriptor;
import org.jspecify.annotations.Nullable;

/** Why a store does not get or give something; the filters that planning and explanations share. Pure. */
public enum Refusal {
  RETIRED("it is retired"),
  DRAINING("it is being drained"),
  MAINTENANCE("it is in maintenance"),
  STOPPING("it is about to stop"),
  SILENT("it has not been heard lately"),
  LOW_SPACE("its disk is nearly full (low-space-ratio)"),
  SNAPSHOTS("it sends or receives as many replicas as it may (max-snapshot-count)"),
  PENDING("as many of its replicas lag as may (max-pending-peer-count)"),
  ADD_LIMIT("it got as many replicas lately as it may (store-limit-add-peer)"),
  REMOVE_LIMIT("it gave as many replicas lately as it may (store-limit-remove-peer)"),
  HOLDS("it holds a replica of the region already"),
  ISOLATION("the replicas would stand closer together (location-labels)"),
  NO_BETTER("it would not come closer to the others by it");

  /** Below so many regions, a fixed free space is enough, whatever the ratio: small clusters on shared disks. */
  private static final int FEW_REGIONS = 100;

  private static final long FREE_ENOUGH = 8L << 30;

  private final String words;

  Refusal(String words) {
    this.words = words;
  }

  public String words() {
    return words;
  }

  /** Whether the store may get a replica; null if it may. */
  static @Nullable Refusal ofTarget(StoreView store, Limits limits) {
    Refusal unfit = ofService(store);
    if (unfit != null) {
      return unfit;
    }
    if (isLowOnSpace(store, limits)) {
      return LOW_SPACE;
    }
    if (store.tally().snapshots() >= limits.count(Setting.MAX_SNAPSHOT_COUNT)) {
      return SNAPSHOTS;
    }
    if (store.tally().pending() >= limits.count(Setting.MAX_PENDING_PEER_COUNT)) {
      return PENDING;
    }
    return store.quota().add() <= 0 ? ADD_LIMIT : null;
  }

  /** Whether the store may lead more; null if it may. */
  static @Nullable Refusal ofLeader(StoreView store) {
    return ofService(store);
  }

  /** Whether balancing may take a replica from the store; null if it may. */
  static @Nullable Refusal ofSource(StoreView store, Limits limits) {
    if (store.tally().snapshots() >= limits.count(Setting.MAX_SNAPSHOT_COUNT)) {
      return SNAPSHOTS;
    }
    return store.quota().remove() <= 0 ? REMOVE_LIMIT : null;
  }

  private static @Nullable Refusal ofService(StoreView store) {
    return switch (store.store().state()) {
      case RETIRED -> RETIRED;
      case DRAINING -> DRAINING;
      case MAINTENANCE -> MAINTENANCE;
      case UP, DISCONNECTED, DOWN -> {
        if (store.liveness() != StoreDescriptor.State.UP) {
          yield SILENT;
        }
        yield store.stopping() ? STOPPING : null;
      }
    };
  }

  static boolean isLowOnSpace(StoreView store, Limits limits) {
    StoreView.Disk disk = store.disk();
    if (disk.capacity() == 0
        || (store.tally().replicas() < FEW_REGIONS && disk.available() > FREE_ENOUGH)) {
      return false;
    }
    double free = (double) disk.available() / disk.capacity();
    return free < 1 - limits.ratio(Setting.LOW_SPACE_RATIO);
  }
}
