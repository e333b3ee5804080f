package io.quorate.placement.cluster;

import io.quorate.model.StoreDescriptor;
import io.quorate.model.StoreId;
import java.util.Map;
import java.util.Optional;

/**
 * A store joins or announces itself anew. A store without an id gets the next one; a repeat by the same incarnation (its
 * first answer was lost) gets the same one again.
 *
 * @param store id {@link StoreId#NONE} if it has none; its state is not looked at
 */
public record RegisterStore(StoreDescriptor store) implements PlacementRecord {
  @Override
  public Replayed replay(ClusterImage image) {
    Optional<Ruling.Refused> malformed = malformed();
    if (malformed.isPresent()) {
      return new Replayed(image, malformed.get());
    }
    StoreId id = store.id();
    if (id.equals(StoreId.NONE)) {
      id = image.stores().values().stream()
          .filter(known -> known.incarnation() == store.incarnation())
          .map(StoreDescriptor::id)
          .findFirst()
          .orElse(StoreId.NONE);
      if (!id.equals(StoreId.NONE) && isRetired(image.stores(), id)) {
        return new Replayed(image, retired(id));
      }
    } else {
      Optional<Ruling.Refused> stranger = stranger(image.stores());
      if (stranger.isPresent()) {
        return new Replayed(image, stranger.get());
      }
    }
    Optional<Ruling.Refused> taken = addressTaken(image.stores(), id);
    if (taken.isPresent()) {
      return new Replayed(image, taken.get());
    }
    if (id.equals(StoreId.NONE)) {
      return admitted(image, new StoreId(image.lastStoreId() + 1), StoreDescriptor.State.UP);
    }
    StoreDescriptor known = image.stores().get(id);
    return admitted(image, id, known == null ? StoreDescriptor.State.UP : known.state());
  }

  private Replayed admitted(ClusterImage image, StoreId id, StoreDescriptor.State state) {
    StoreDescriptor admitted = new StoreDescriptor(
        id, store.incarnation(), store.clientAddress(), store.peerAddress(), store.labels(), state);
    return Replayed.given(image.withStore(admitted), id.value());
  }

  private Optional<Ruling.Refused> malformed() {
    if (store.incarnation() == 0) {
      return refused(
          Ruling.Reason.INVALID,
          "the store names no incarnation: draw one with the data directory");
    }
    if (store.clientAddress().isEmpty() || store.peerAddress().isEmpty()) {
      return refused(
          Ruling.Reason.INVALID,
          "the store names no address: it needs one for clients and one for peers");
    }
    return Optional.empty();
  }

  /** A store with an id must be the one that got it. */
  private Optional<Ruling.Refused> stranger(Map<StoreId, StoreDescriptor> stores) {
    StoreDescriptor known = stores.get(store.id());
    if (known == null) {
      return refused(
          Ruling.Reason.UNKNOWN_STORE,
          "store " + store.id()
              + " is not of this cluster: give it its own cluster's --pd, or an empty data directory to "
              + "join this one as a new store");
    }
    if (known.incarnation() != store.incarnation()) {
      return refused(
          Ruling.Reason.UNKNOWN_STORE,
          "store " + store.id()
              + " is known as another incarnation: a wiped disk is a new store, start it with an empty "
              + "data directory");
    }
    return isRetired(stores, store.id()) ? Optional.of(retired(store.id())) : Optional.empty();
  }

  private static boolean isRetired(Map<StoreId, StoreDescriptor> stores, StoreId id) {
    StoreDescriptor known = stores.get(id);
    return known != null && known.state() == StoreDescriptor.State.RETIRED;
  }

  private static Ruling.Refused retired(StoreId id) {
    return new Ruling.Refused(
        Ruling.Reason.UNKNOWN_STORE,
        "store " + id
            + " is retired for good: start it with an empty data directory to join as a new store");
  }

  private Optional<Ruling.Refused> addressTaken(
      Map<StoreId, StoreDescriptor> stores, StoreId self) {
    for (StoreDescriptor other : stores.values()) {
      if (other.id().equals(self) || other.state() == StoreDescriptor.State.RETIRED) {
        continue;
      }
      for (String address : new String[] {store.clientAddress(), store.peerAddress()}) {
        if (address.equals(other.clientAddress()) || address.equals(other.peerAddress())) {
          return refused(
              Ruling.Reason.INVALID,
              "address " + address + " belongs to store " + other.id()
                  + ": give this store another --listen or " + "--peer-listen, or start store "
                  + other.id() + " with its own data directory");
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<Ruling.Refused> refused(Ruling.Reason reason, String message) {
    return Optional.of(new Ruling.Refused(reason, message));
  }
}
