package io.quorate.placement.cluster;

import io.quorate.model.StoreDescriptor;
import io.quorate.model.StoreId;

/**
 * A store is to be drained, spared, to serve again, or it is retired: only when it is drained and no region counts it.
 *
 * @param from what the proposer saw; another one refuses the change
 * @param to what the store becomes
 */
public record ChangeStoreState(StoreId store, StoreDescriptor.State from, StoreDescriptor.State to)
    implements PlacementRecord {
  @Override
  public Replayed replay(ClusterImage image) {
    StoreDescriptor known = image.stores().get(store);
    if (known == null) {
      return Replayed.refused(
          image, Ruling.Reason.UNKNOWN_STORE, "store " + store + " is not of this cluster");
    }
    if (known.state() == to) {
      return Replayed.done(image);
    }
    if (known.state() != from) {
      return Replayed.refused(
          image, Ruling.Reason.STALE, "store " + store + " is " + known.state() + ", not " + from);
    }
    if (!isAllowed()) {
      return Replayed.refused(
          image,
          Ruling.Reason.INVALID,
          "store " + store + " is " + from + " and cannot become " + to + " from there");
    }
    if (to == StoreDescriptor.State.RETIRED) {
      long left = image.regions().values().stream()
          .filter(region -> region.peerOn(store).isPresent())
          .count();
      if (left > 0) {
        return Replayed.refused(
            image,
            Ruling.Reason.STALE,
            "store " + store + " is not empty: " + left + " regions count it");
      }
    }
    return Replayed.done(image.withStore(new StoreDescriptor(
        store,
        known.incarnation(),
        known.clientAddress(),
        known.peerAddress(),
        known.labels(),
        to)));
  }

  private boolean isAllowed() {
    return switch (from) {
      case UP -> to == StoreDescriptor.State.DRAINING || to == StoreDescriptor.State.MAINTENANCE;
      case DRAINING -> to == StoreDescriptor.State.UP || to == StoreDescriptor.State.RETIRED;
      case MAINTENANCE -> to == StoreDescriptor.State.UP;
      case RETIRED, DISCONNECTED, DOWN -> false;
    };
  }
}
