package io.quorate.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.quorate.cli.soak.Processes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The local cluster of processes in a directory, for those who load it and break it. Thread: its caller's. */
public final class LocalClusterHost implements Processes {
  private static final Duration SERVING_MAX = Duration.ofMinutes(3);
  private static final Duration HEALTH_MAX = Duration.ofSeconds(5);
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final ClusterHost cluster;
  private final ClusterLayout layout;

  private LocalClusterHost(ClusterHost cluster, ClusterLayout layout) {
    this.cluster = cluster;
    this.layout = layout;
  }

  /**
   * The cluster that lies in the directory, or else a new one of that layout; its processes are not started yet.
   *
   * @param splitKeys where the regions of a new cluster begin
   */
  public static LocalClusterHost at(
      Path directory, int stores, int pds, int basePort, List<String> splitKeys) {
    return at(directory, stores, pds, basePort, splitKeys, Map.of());
  }

  /**
   * As above.
   *
   * @param settings of a new cluster's processes, see {@link ClusterLayout}
   */
  static LocalClusterHost at(
      Path directory,
      int stores,
      int pds,
      int basePort,
      List<String> splitKeys,
      Map<String, String> settings) {
    ClusterHost cluster = new ClusterHost(directory.toAbsolutePath().normalize());
    ClusterLayout layout = cluster
        .layout()
        .orElseGet(() -> new ClusterLayout(
            stores, pds, basePort, stores, new ClusterShape(splitKeys, 0, "user", 3), settings));
    cluster.write(layout);
    return new LocalClusterHost(cluster, layout);
  }

  /** Starts what does not run and waits until every region serves. */
  public void start() {
    startMissing();
    new ClusterWatchLoop(cluster, layout).awaitServing(SERVING_MAX);
  }

  /** Stops all processes cleanly; the data stays. */
  public void stop() {
    cluster.stop(layout, Duration.ofSeconds(20));
  }

  /** Where the data of a process lies. */
  public Path dataDirectory(String name) {
    return cluster.process(name).dataDirectory();
  }

  @Override
  public String pdAddresses() {
    return layout.pdAddresses();
  }

  @Override
  public List<String> stores() {
    return IntStream.rangeClosed(1, layout.stores()).mapToObj(layout::storeName).toList();
  }

  @Override
  public List<String> pds() {
    return IntStream.rangeClosed(1, layout.pds()).mapToObj(layout::pdName).toList();
  }

  @Override
  public String storeAt(String clientAddress) {
    return IntStream.rangeClosed(1, layout.stores())
        .filter(store -> layout.storeAddress(store).equals(clientAddress))
        .mapToObj(layout::storeName)
        .findFirst()
        .orElseThrow(() ->
            new IllegalStateException("no store of this cluster listens on " + clientAddress));
  }

  @Override
  public void kill(List<String> names) {
    List<ProcessHandle> running = names.stream().map(this::running).toList();
    running.forEach(ProcessHandle::destroyForcibly);
    running.forEach(process -> process.onExit().join());
  }

  @Override
  public void pause(String name) {
    signal("-STOP", name);
  }

  @Override
  public void resume(String name) {
    signal("-CONT", name);
  }

  @Override
  public void startMissing() {
    cluster.startMissing(layout, JavaCommand.likeThisProcess());
  }

  @Override
  public String address(String name) {
    int number = Integer.parseInt(name.substring(name.indexOf('-') + 1));
    return name.startsWith("pd-") ? layout.pdAddress(number) : layout.storeAddress(number);
  }

  @Override
  public String trouble(String store) {
    int number = Integer.parseInt(store.substring(store.indexOf('-') + 1));
    URI health = URI.create("http://" + layout.storeMetrics(number) + "/health");
    try {
      HttpResponse<String> answer = HttpClient.newHttpClient()
          .send(
              HttpRequest.newBuilder(health).timeout(HEALTH_MAX).build(),
              HttpResponse.BodyHandlers.ofString());
      String reason = MAPPER.readTree(answer.body()).path("reason").asText();
      return answer.statusCode() == HttpURLConnection.HTTP_OK || !reason.isEmpty()
          ? reason
          : "unhealthy";
    } catch (IOException e) {
      return "no answer from " + health + ": " + e.getMessage();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while asking " + store, e);
    }
  }

  private ProcessHandle running(String name) {
    return cluster
        .process(name)
        .running()
        .orElseThrow(() -> new IllegalStateException(
            name + " does not run: " + cluster.process(name).lastWords()));
  }

  private void signal(String signal, String name) {
    String pid = Long.toString(running(name).pid());
    try {
      int exit = new ProcessBuilder("kill", signal, pid).start().waitFor();
      if (exit != 0) {
        throw new IllegalStateException("kill " + signal + " of " + name + " ended with " + exit);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while signalling " + name, e);
    }
  }
}
