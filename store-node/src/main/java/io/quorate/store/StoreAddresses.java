package io.quorate.store;

import java.util.Optional;

/**
 * Where a store listens, and where it tells others to find it.
 *
 * @param client listener for clients; port 0 takes any free one
 * @param peer listener for other stores; port 0 takes any free one
 * @param advertisedClient what clients are told; if empty, the listener's address
 * @param advertisedPeer what other stores are told; if empty, the listener's address
 */
public record StoreAddresses(
    ListenAddress client,
    ListenAddress peer,
    Optional<ListenAddress> advertisedClient,
    Optional<ListenAddress> advertisedPeer) {
  public StoreAddresses {
    if (advertisedClient.isEmpty() && client.isWildcard()) {
      throw new IllegalArgumentException("nobody can connect to " + client
          + ": say with --advertise at which HOST:PORT clients reach this store");
    }
    if (advertisedPeer.isEmpty() && peer.isWildcard()) {
      throw new IllegalArgumentException("nobody can connect to " + peer
          + ": say with --peer-advertise at which HOST:PORT other stores reach this one");
    }
    if (client.port() != 0 && client.equals(peer)) {
      throw new IllegalArgumentException(
          "--listen and --peer-listen are both " + client + ": give each a port of its own");
    }
  }

  public static StoreAddresses of(ListenAddress client, ListenAddress peer) {
    return new StoreAddresses(client, peer, Optional.empty(), Optional.empty());
  }

  /** Any free ports of the loopback interface, for tests. */
  public static StoreAddresses loopback() {
    return of(new ListenAddress("127.0.0.1", 0), new ListenAddress("127.0.0.1", 0));
  }

  ListenAddress announcedClient(int boundPort) {
    return advertisedClient.orElse(client.withPort(boundPort));
  }

  ListenAddress announcedPeer(int boundPort) {
    return advertisedPeer.orElse(peer.withPort(boundPort));
  }
}
