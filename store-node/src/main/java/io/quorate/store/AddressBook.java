package io.quorate.store;

import io.quorate.proto.StoreDescriptor;
import io.quorate.raft.transport.PeerAddresses;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Where the other stores are, as PD last said. Owner: {@link StoreNode}. Thread-safe. */
final class AddressBook implements PeerAddresses {
  private final Map<Long, String> peerAddresses = new ConcurrentHashMap<>();

  @Override
  public Optional<String> address(long storeId) {
    return Optional.ofNullable(peerAddresses.get(storeId));
  }

  void learn(List<StoreDescriptor> stores) {
    for (StoreDescriptor store : stores) {
      if (!store.getPeerAddress().isEmpty()) {
        peerAddresses.put(store.getStoreId(), store.getPeerAddress());
      }
    }
  }
}
