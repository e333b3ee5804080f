package io.quorate.embedded;

/**
 * Which ports the processes of a local cluster take. Pure.
 *
 * @param base port of the first store's clients; 0 stands for "any free port" everywhere
 */
public record PortPlan(int base) {
  private static final int STEP = 10;
  private static final int MAX = 65_535;

  public PortPlan {
    if (base < 0 || base + STEP > MAX) {
      throw new IllegalArgumentException(
          "port " + base + " is no base for a cluster's ports: choose 1 to " + (MAX - STEP));
    }
  }

  public static PortPlan anyFree() {
    return new PortPlan(0);
  }

  /** Port where the store serves clients; stores count from 1. */
  public int storeClients(int store) {
    return at(store, 0);
  }

  /** Port where the store serves other stores. */
  public int storePeers(int store) {
    return at(store, 1);
  }

  /** Port of a placement driver; they count from 1. */
  public int pd(int member) {
    return at(member, 2);
  }

  /** Port where the store shows its meters. */
  public int storeMetrics(int store) {
    return at(store, 3);
  }

  /** Port where the placement driver shows its meters. */
  public int pdMetrics(int member) {
    return at(member, 4);
  }

  private int at(int index, int offset) {
    if (base == 0) {
      return 0;
    }
    int port = base + STEP * (index - 1) + offset;
    if (port > MAX) {
      throw new IllegalArgumentException(
          "port " + port + " does not exist: choose a lower base port or fewer processes");
    }
    return port;
  }
}
