package io.quorate.cli;

import io.quorate.embedded.PortPlan;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
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
 * @param settings further options of its processes, written to their files when these are made: {@code pd.NAME} for placement
 *     drivers, {@code store.NAME} for stores
 */
record ClusterLayout(
    int stores,
    int pds,
    int basePort,
    int bootstrapStores,
    ClusterShape shape,
    Map<String, String> settings) {
  static final String FILE = "cluster.properties";
  private static final String HOST = "127.0.0.1";
  private static final String PD = "pd.";
  private static final String STORE = "store.";
  private static final String KEY = "cluster-key";

  ClusterLayout(int stores, int pds, int basePort, int bootstrapStores, ClusterShape shape) {
    this(stores, pds, basePort, bootstrapStores, shape, Map.of());
  }

  ClusterLayout {
    settings = Collections.unmodifiableMap(new TreeMap<>(settings));
    for (Map.Entry<String, String> setting : settings.entrySet()) {
      boolean named = setting.getKey().startsWith(PD) || setting.getKey().startsWith(STORE);
      if (!named || (setting.getKey() + setting.getValue()).matches("(?s).*[\\\\\n\r].*")) {
        throw new IllegalArgumentException("'" + setting.getKey() + "=" + setting.getValue()
            + "' is no setting: say pd.NAME=VALUE or store.NAME=VALUE");
      }
    }
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

  /** Settings by which all processes have the cluster's key. */
  static Map<String, String> keySettings(Path file) {
    return Map.of(PD + KEY, file.toString(), STORE + KEY, file.toString());
  }

  /** Where the cluster's key lies, if it has one. */
  Optional<Path> keyFile() {
    return Optional.ofNullable(settings.get(PD + KEY)).map(Path::of);
  }

  ClusterLayout withStores(int more) {
    return new ClusterLayout(more, pds, basePort, bootstrapStores, shape, settings);
  }

  /** Lines of a placement driver's configuration. */
  String pdSettings() {
    return settings(PD);
  }

  /** Lines of a store's configuration. */
  String storeSettings() {
    return settings(STORE);
  }

  private String settings(String kind) {
    StringBuilder lines = new StringBuilder();
    settings.forEach((name, value) -> {
      if (name.startsWith(kind)) {
        lines.append(name.substring(kind.length())).append('=').append(value).append('\n');
      }
    });
    return lines.toString();
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
        + shape.encode()
        + settings.entrySet().stream()
            .map(setting -> setting.getKey() + "=" + setting.getValue() + "\n")
            .collect(Collectors.joining());
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
        ClusterShape.decode(fields),
        fields.stringPropertyNames().stream()
            .filter(name -> name.startsWith(PD) || name.startsWith(STORE))
            .collect(Collectors.toMap(name -> name, fields::getProperty)));
  }

  private static int number(Properties fields, String name) {
    try {
      return Integer.parseInt(fields.getProperty(name, ""));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(FILE + " is damaged: " + name + " is not a number", e);
    }
  }
}
