package io.quorate.cli;

import io.quorate.embedded.PortPlan;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The processes of a local cluster and the addresses they have, as kept in its directory. Pure.
 *
 * @param stores number of stores, at least 1
 * @param pds number of placement drivers: 1, 3 or 5
 * @param basePort port of the first store's clients
 * @param bootstrapStores stores that had to join before the first regions were made
 * @param shape how the keyspace was cut at first
 */
record ClusterLayout(int stores, int pds, int basePort, int bootstrapStores, ClusterShape shape) {
  static final String FILE = "cluster.properties";
  private static final String HOST = "127.0.0.1";

  ClusterLayout {
    if (stores < 1) {
      throw new IllegalArgumentException(
          "a cluster needs at least one store: say --stores 1 or more");
    }
    if (pds != 1 && pds != 3 && pds != 5) {
      throw new IllegalArgumentException(
          "a cluster has 1, 3 or 5 placement drivers, not " + pds + ": change --pds");
    }
    PortPlan ports = new PortPlan(basePort);
    ports.storeMetrics(stores);
    ports.pdMetrics(pds);
  }

  ClusterLayout withStores(int more) {
    return new ClusterLayout(more, pds, basePort, bootstrapStores, shape);
  }

  private PortPlan ports() {
    return new PortPlan(basePort);
  }

  String pdName(int member) {
    return "pd-" + member;
  }

  String storeName(int store) {
    return "store-" + store;
  }

  List<String> names() {
    List<String> names = new ArrayList<>();
    IntStream.rangeClosed(1, pds).forEach(member -> names.add(pdName(member)));
    IntStream.rangeClosed(1, stores).forEach(store -> names.add(storeName(store)));
    return names;
  }

  /** Ports that the process of that name binds. */
  List<Integer> portsOf(String name) {
    int number = Integer.parseInt(name.substring(name.indexOf('-') + 1));
    return name.equals(pdName(number))
        ? List.of(ports().pd(number), ports().pdMetrics(number))
        : List.of(
            ports().storeClients(number), ports().storePeers(number), ports().storeMetrics(number));
  }

  String pdAddress(int member) {
    return HOST + ":" + ports().pd(member);
  }

  String storeAddress(int store) {
    return HOST + ":" + ports().storeClients(store);
  }

  String storePeerAddress(int store) {
    return HOST + ":" + ports().storePeers(store);
  }

  String pdMetrics(int member) {
    return HOST + ":" + ports().pdMetrics(member);
  }

  String storeMetrics(int store) {
    return HOST + ":" + ports().storeMetrics(store);
  }

  /** What clients and stores give to --pd. */
  String pdAddresses() {
    return IntStream.rangeClosed(1, pds).mapToObj(this::pdAddress).collect(Collectors.joining(","));
  }

  String pdPeers() {
    return IntStream.rangeClosed(1, pds)
        .mapToObj(member -> member + "@" + pdAddress(member))
        .collect(Collectors.joining(","));
  }

  String encode() {
    return "# Layout of this local cluster, made by 'quorate cluster start'.\n"
        + "stores=" + stores + "\n"
        + "pds=" + pds + "\n"
        + "base-port=" + basePort + "\n"
        + "bootstrap-stores=" + bootstrapStores + "\n"
        + shape.encode();
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @throws IllegalArgumentException if it does not fit
   */
  static ClusterLayout decode(String text) {
    Properties fields = new Properties();
    try {
      fields.load(new StringReader(text));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new ClusterLayout(
        number(fields, "stores"),
        number(fields, "pds"),
        number(fields, "base-port"),
        number(fields, "bootstrap-stores"),
        ClusterShape.decode(fields));
  }

  private static int number(Properties fields, String name) {
    try {
      return Integer.parseInt(fields.getProperty(name, ""));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(FILE + " is damaged: " + name + " is not a number", e);
    }
  }
}
