package io.quorate.store;

import io.quorate.proto.StoreDescriptor;
import io.quorate.raft.transport.PeerAddresses;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Where the other stores are and which incarnations they are of, as PD last said. Owner: {@link StoreNode}. Thread-safe. */
final class AddressBook implements PeerAddresses {
  private final Map<Long, String> peerAddresses = new ConcurrentHashMap<>();
  private final Map<Long, Long> incarnations = new ConcurrentHashMap<>();

  @Override
  public Optional<String> address(long storeId) {
    return Optional.ofNullable(peerAddresses.get(storeId));
  }

  @Override
  public long incarnation(long storeId) {
    return incarnations.getOrDefault(storeId, 0L);
  }

  void learn(List<StoreDescriptor> stores) {
    for (StoreDescriptor store : stores) {
      if (store.getIncarnation() != 0) {
        incarnations.put(store.getStoreId(), store.getIncarnation());
      }
      if (!store.getPeerAddress().isEmpty()) {
        peerAddresses.put(store.getStoreId(), store.getPeerAddress());
      }
    }
  }
}
