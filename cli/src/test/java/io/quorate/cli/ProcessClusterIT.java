package io.quorate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.client.QuorateClient;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** A cluster of real processes, started by the command, killed without warning while writers write. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ProcessClusterIT {
  private static final List<String> PREFIXES = List.of("a", "c", "e", "g");
  private static final Duration RESUME_MAX = Duration.ofSeconds(20);
  private static final int WRITES = 300;
  private static final int BASE_PORT = 26_379;

  private Path directory;

  private ClusterHost cluster;
  private ClusterLayout layout;

  @BeforeAll
  void start(@TempDir Path temporary) {
    directory = temporary;
    Ended started = quorate(
        "cluster",
        "start",
        "--dir",
        directory.toString(),
        "--stores",
        "3",
        "--pds",
        "3",
        "--base-port",
        Integer.toString(BASE_PORT),
        "--split-keys",
        "b,c,d,e,f,g,h");
    assertThat(started.exitCode).as(started.toString()).isZero();
    cluster = new ClusterHost(directory.toAbsolutePath().normalize());
    layout = cluster.layout().orElseThrow();
  }

  @AfterAll
  void stop() {
    quorate("cluster", "stop", "--dir", directory.toString());
  }

  private record Ended(int exitCode, String out, String err) {}

  private static Ended quorate(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode =
        Quorate.execute(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
    return new Ended(exitCode, out.toString(), err.toString());
  }

  private Ended restart() {
    Ended restarted = quorate("cluster", "start", "--dir", directory.toString());
    assertThat(restarted.exitCode).as(restarted.toString()).isZero();
    return restarted;
  }

  private static void signal(String signal, ProcessHandle process) {
    try {
      assertThat(new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
              .start()
              .waitFor())
          .isZero();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void kill(String name) {
    ProcessHandle process = cluster.process(name).running().orElseThrow();
    process.destroyForcibly();
    process.onExit().join();
  }

  private static void awaitWrites(WriteLoad load, int more) {
    int before = load.ackedWrites();
    Awaitility.await().atMost(RESUME_MAX).until(() -> load.ackedWrites() >= before + more);
  }

  private int pdLeader() {
    try (QuorateClient client = QuorateClient.connect(layout.pdAddresses())) {
      return Math.toIntExact(client.placement().members().join().getLeaderId());
    }
  }

  @Test
  @Order(1)
  void commandsWorkOnTheCluster() {
    String pd = "--pd=" + layout.pdAddresses();
    assertThat(quorate("put", "greeting", "hello", pd).out).startsWith("OK, revision ");
    assertThat(quorate("get", "greeting", pd).out).isEqualToIgnoringNewLines("hello");
    assertThat(quorate("get", "nothing", pd).exitCode).isEqualTo(ExitCode.NO);
    assertThat(quorate("txn", "--when", "version(greeting) = 1", "--then", "put greeting bye", pd)
            .exitCode)
        .isZero();
    assertThat(quorate("txn", "--when", "version(greeting) = 1", "--else", "get greeting", pd))
        .matches(ended -> ended.exitCode == ExitCode.NO)
        .matches(ended -> ended.out.contains("greeting\tbye"));
    assertThat(quorate("range", "--json", pd).out).contains("\"key\":\"greeting\"");
    assertThat(quorate("del", "greeting", pd).out).isEqualToIgnoringNewLines("1");
    assertThat(quorate("store", "list", pd).out).contains("127.0.0.1:" + BASE_PORT);
    assertThat(quorate("region", "list", pd).out.lines()).hasSize(9);
    assertThat(quorate("cluster", "status", "--dir", directory.toString()).exitCode)
        .isZero();
  }

  @Test
  @Order(2)
  void killedStoreLosesNoAcknowledgedWrite() throws Exception {
    try (WriteLoad load = new WriteLoad(layout.pdAddresses(), "store-killed", 8, PREFIXES)) {
      awaitWrites(load, WRITES);
      kill(layout.storeName(1));
      awaitWrites(load, WRITES);
      restart();
      awaitWrites(load, WRITES);
      assertThat(load.violations()).as(load.toString()).isEmpty();
    }
  }

  @Test
  @Order(3)
  void everythingKilledAtOnceLosesNoAcknowledgedWriteAndServesWithinSeconds() throws Exception {
    try (WriteLoad load = new WriteLoad(layout.pdAddresses(), "all-killed", 8, PREFIXES)) {
      awaitWrites(load, WRITES);
      List<ProcessHandle> processes = layout.names().stream()
          .map(name -> cluster.process(name).running().orElseThrow())
          .toList();
      processes.forEach(ProcessHandle::destroyForcibly);
      processes.forEach(process -> process.onExit().join());
      long restarted = System.nanoTime();
      restart();
      awaitWrites(load, WRITES);
      assertThat(Duration.ofNanos(System.nanoTime() - restarted))
          .isLessThan(RESUME_MAX.multipliedBy(2));
      assertThat(load.violations()).as(load.toString()).isEmpty();
    }
  }

  @Test
  @Order(4)
  void killedPlacementLeaderStopsWritesOnlyForAWhile() throws Exception {
    try (WriteLoad load = new WriteLoad(layout.pdAddresses(), "pd-killed", 8, PREFIXES)) {
      awaitWrites(load, WRITES);
      kill(layout.pdName(pdLeader()));
      awaitWrites(load, WRITES);
      restart();
      awaitWrites(load, WRITES);
      assertThat(load.violations()).as(load.toString()).isEmpty();
    }
  }

  @Test
  @Order(5)
  void pausedPlacementLeaderHandsOutNoOldRevisionWhenItWakes() throws Exception {
    try (WriteLoad load = new WriteLoad(layout.pdAddresses(), "pd-paused", 8, PREFIXES)) {
      awaitWrites(load, WRITES);
      int leader = pdLeader();
      ProcessHandle paused = cluster.process(layout.pdName(leader)).running().orElseThrow();
      signal("STOP", paused);
      try {
        Awaitility.await().atMost(RESUME_MAX).until(() -> leadsAnother(leader));
        awaitWrites(load, WRITES);
      } finally {
        signal("CONT", paused);
      }
      awaitWrites(load, WRITES);
      assertThat(load.violations()).as(load.toString()).isEmpty();
    }
  }

  private boolean leadsAnother(int than) {
    try {
      int leader = pdLeader();
      return leader != 0 && leader != than;
    } catch (CompletionException e) {
      return false;
    }
  }

  @Test
  @Order(6)
  void secondProcessOnADataDirectoryIsRefused() {
    Ended second = quorate(
        "store",
        "run",
        "--data-dir",
        cluster.process("store-1").dataDirectory().toString(),
        "--listen",
        "127.0.0.1:0",
        "--peer-listen",
        "127.0.0.1:0",
        "--pd",
        layout.pdAddresses());
    assertThat(second.exitCode).isEqualTo(ExitCode.NOT_STARTED);
    assertThat(second.err.lines()).singleElement().asString().contains("in use by another process");
  }

  @Test
  @Order(7)
  void clusterKeepsItsDataOverACleanStop() {
    String pd = "--pd=" + layout.pdAddresses();
    assertThat(quorate("put", "h/kept", "yes", pd).exitCode).isZero();
    assertThat(quorate("cluster", "stop", "--dir", directory.toString()).out)
        .startsWith("6 processes");
    assertThat(quorate("cluster", "status", "--dir", directory.toString()).exitCode)
        .isEqualTo(ExitCode.NO);
    restart();
    assertThat(quorate("get", "h/kept", pd).out).isEqualToIgnoringNewLines("yes");
  }
}
