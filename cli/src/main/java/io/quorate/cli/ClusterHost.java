package io.quorate.cli;

import io.quorate.embedded.NotServingException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A local cluster of real processes in one directory. Thread: the command's.
 *
 * @param directory holds its layout, and for each process its configuration, log, pid file and data
 */
record ClusterHost(Path directory) {

  /** The layout of the cluster that lies here, if one does. */
  Optional<ClusterLayout> layout() {
    Path file = directory.resolve(ClusterLayout.FILE);
    try {
      return Files.exists(file)
          ? Optional.of(ClusterLayout.decode(Files.readString(file)))
          : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  ProcessHost process(String name) {
    return new ProcessHost(directory, name);
  }

  /** Keeps the layout and writes each process's configuration; does not touch what the user changed in one that exists. */
  void write(ClusterLayout layout) {
    try {
      Files.createDirectories(directory);
      Files.writeString(directory.resolve(ClusterLayout.FILE), layout.encode());
      for (int member = 1; member <= layout.pds(); member++) {
        writeOnce(process(layout.pdName(member)), pdConfig(layout, member));
      }
      for (int store = 1; store <= layout.stores(); store++) {
        writeOnce(process(layout.storeName(store)), storeConfig(layout, store));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void writeOnce(ProcessHost process, String config) throws IOException {
    if (!Files.exists(process.configFile())) {
      Files.writeString(process.configFile(), config);
    }
  }

  private String pdConfig(ClusterLayout layout, int member) {
    return "id=" + member + "\n"
        + "listen=" + layout.pdAddress(member) + "\n"
        + "metrics-listen=" + layout.pdMetrics(member) + "\n"
        + "peers=" + layout.pdPeers() + "\n"
        + "data-dir=" + process(layout.pdName(member)).dataDirectory() + "\n"
        + "bootstrap-stores=" + layout.bootstrapStores() + "\n"
        + layout.shape().encode()
        + layout.pdSettings();
  }

  private String storeConfig(ClusterLayout layout, int store) {
    return "listen=" + layout.storeAddress(store) + "\n"
        + "peer-listen=" + layout.storePeerAddress(store) + "\n"
        + "metrics-listen=" + layout.storeMetrics(store) + "\n"
        + "pd=" + layout.pdAddresses() + "\n"
        + "data-dir=" + process(layout.storeName(store)).dataDirectory() + "\n"
        + layout.storeSettings();
  }

  /** Starts the processes that do not run. */
  List<ProcessHost> startMissing(ClusterLayout layout, JavaCommand java) {
    List<ProcessHost> started = new ArrayList<>();
    for (String name : layout.names()) {
      ProcessHost process = process(name);
      if (process.running().isEmpty()) {
        layout.portsOf(name).forEach(port -> refuseUsedPort(name, port));
        String kind = name.startsWith("pd-") ? "pd" : "store";
        process.start(
            java.quorate(List.of(kind, "run", "--config", process.configFile().toString())));
        started.add(process);
      }
    }
    return started;
  }

  /** Else clients would take whatever listens there for this cluster. */
  private static void refuseUsedPort(String name, int port) {
    try (ServerSocket probe = new ServerSocket()) {
      probe.setReuseAddress(true);
      probe.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    } catch (IOException e) {
      throw new NotServingException("port " + port + " of " + name + " is in use (" + e.getMessage()
          + "): stop what uses it, or choose another --base-port and --dir");
    }
  }

  /**
   * Stops the stores and then the placement drivers, each kind at once.
   *
   * @return how many ran
   */
  int stop(ClusterLayout layout, Duration patience) {
    List<String> stores =
        IntStream.rangeClosed(1, layout.stores()).mapToObj(layout::storeName).toList();
    List<String> pds =
        IntStream.rangeClosed(1, layout.pds()).mapToObj(layout::pdName).toList();
    return stopAll(stores, patience) + stopAll(pds, patience);
  }

  private int stopAll(List<String> names, Duration patience) {
    List<ProcessHandle> running =
        names.stream().flatMap(name -> process(name).running().stream()).toList();
    // All are asked before any is waited for.
    running.forEach(ProcessHandle::destroy);
    names.forEach(name -> process(name).stop(patience));
    return running.size();
  }
}
