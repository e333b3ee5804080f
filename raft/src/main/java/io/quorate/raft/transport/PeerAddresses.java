package io.quorate.raft.transport;

import java.util.Optional;

/**
 * Where the other stores listen for their peers, and who they are; asked anew at every connect, because addresses change and
 * ids do not.
 */
public interface PeerAddresses {
  /** The store's {@code host:port}, or empty while it is not known. Called on any thread, must not block. */
  Optional<String> address(long storeId);

  /**
   * The incarnation that the store's id was given to; 0 while it is not known, or where stores have none. Called on any thread,
   * must not block.
   */
  default long incarnation(long storeId) {
    return 0;
  }
}
