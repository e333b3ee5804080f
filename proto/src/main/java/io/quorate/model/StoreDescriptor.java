package io.quorate.model;

import java.util.Map;

/**
 * A store as the cluster knows it.
 *
 * @param id issued by PD
 * @param incarnation drawn at random when its data directory was made
 * @param clientAddress host:port for clients
 * @param peerAddress host:port for other stores
 * @param labels where it stands (zone, rack, host, …)
 * @param state its place in a store's life
 */
public record StoreDescriptor(
    StoreId id,
    long incarnation,
    String clientAddress,
    String peerAddress,
    Map<String, String> labels,
    State state) {
  /** A store's life: up, silent, given up, being emptied, gone; or spared while its host is worked on. */
  public enum State {
    UP,
    DISCONNECTED,
    DOWN,
    DRAINING,
    RETIRED,
    MAINTENANCE
  }

  public StoreDescriptor {
    labels = Map.copyOf(labels);
  }
}
