package io.quorate.raft.transport;

import java.util.Optional;

/** Where the other stores listen for their peers; asked anew at every connect, because addresses change and ids do not. */
public interface PeerAddresses {
  /** The store's {@code host:port}, or empty while it is not known. Called on any thread, must not block. */
  Optional<String> address(long storeId);
}
