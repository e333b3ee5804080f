package io.quorate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.client.ClientConfig;
import io.quorate.client.QuorateClient;
import io.quorate.client.txn.CommitStep;
import io.quorate.client.txn.TransactionLimits;
import io.quorate.model.Bytes;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** A local cluster of real processes, and the commands that people run on it; how it survives faults is proof's matter. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class CommandsIT {
  private static final int BASE_PORT = 26_379;

  private Path directory;

  private ClusterHost cluster;
  private ClusterLayout layout;

  @BeforeAll
  void start(@TempDir Path temporary) throws Exception {
    directory = temporary.resolve("cluster");
    Path key = Files.writeString(temporary.resolve("key"), "0123456789".repeat(4));
    Ended started = quorate(
        "cluster",
        "start",
        "--dir",
        directory.toString(),
        "--stores",
        "3",
        "--pds",
        "1",
        "--base-port",
        Integer.toString(BASE_PORT),
        "--split-keys",
        "b,c,d,e,f,g,h",
        "--cluster-key",
        key.toString());
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
    replicasAreCompared(pd);
    assertThat(quorate("cluster", "status", "--dir", directory.toString()).exitCode)
        .isZero();
  }

  private static void replicasAreCompared(String pd) {
    Ended checked = quorate("region", "check", "--wait", "--timeout=60s", pd);
    assertThat(checked.exitCode).as(checked.out + checked.err).isZero();
    assertThat(checked.out.lines()).hasSize(9);
    String region = checked.out.lines().skip(1).findFirst().orElseThrow().split(" +", 2)[0];
    assertThat(quorate("region", "show", region, pd).out).contains("replicas were compared");
    assertThat(quorate("region", "show", "--json", region, pd).out)
        .contains("\"check\":{\"entry\":")
        .contains("\"down\":[]");
  }

  /** Of a transaction whose client stands still before it asks for its commit revision. */
  @Test
  @Order(2)
  void locksAreListedWithOwnerAndAge() throws Exception {
    String pd = "--pd=" + layout.pdAddresses();
    CountDownLatch standing = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    try (QuorateClient client = QuorateClient.open(ClientConfig.of(layout.pdAddresses())
        .withTimeouts(Duration.ofSeconds(60), Duration.ofSeconds(5))
        .withTransactions(TransactionLimits.defaults().withLockTtl(Duration.ofSeconds(60)))
        .withCommitSteps(step -> {
          if (step instanceof CommitStep.Stamp) {
            standing.countDown();
            awaitGuarded(go);
          }
          return true;
        }))) {
      CompletableFuture<?> held =
          CompletableFuture.runAsync(() -> client.blocking().transact(tx -> {
            assertThat(tx.get(Bytes.utf8("d/read"))).isEmpty();
            tx.put(Bytes.utf8("b/lock"), Bytes.utf8("1"));
            tx.put(Bytes.utf8("f/lock"), Bytes.utf8("1"));
            return true;
          }));
      assertThat(standing.await(60, TimeUnit.SECONDS)).isTrue();
      Ended all = quorate("locks", pd);
      assertThat(all.exitCode).as(all.toString()).isZero();
      assertThat(all.out.lines().skip(1)).hasSize(3);
      assertThat(all.out).contains("60000 ms", "b/lock", "f/lock", "d/read");
      assertThat(all.out.lines().filter(line -> line.startsWith("read"))).hasSize(1);
      Ended one = quorate("locks", "--prefix", "f/", "--json", pd);
      assertThat(one.out)
          .contains("\"start\":\"f/lock\"", "\"primary\":\"b/lock\"", "\"ttl_ms\":60000")
          .doesNotContain("d/read");
      assertThat(quorate("locks", "--limit", "2", pd).out.lines().skip(1)).hasSize(2);
      assertThat(quorate("locks", "--limit", "0", pd).exitCode).isNotZero();
      go.countDown();
      held.join();
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(
              () -> assertThat(quorate("locks", pd).out.lines().skip(1)).isEmpty());
    }
    quorate("del", "b/lock", pd);
    quorate("del", "f/lock", pd);
  }

  private static void awaitGuarded(CountDownLatch latch) {
    try {
      assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  @Order(2)
  void changesAreWaitedForStepByStep() {
    String pd = "--pd=" + layout.pdAddresses();
    Ended split = quorate("region", "split", "b/middle", "--wait", pd);
    assertThat(split.exitCode).as(split.out + split.err).isZero();
    assertThat(split.out).contains("SUCCESS");
    assertThat(split.err).contains("step 1 of 1, split at [b/middle]").contains(": SUCCESS");

    Ended spared = quorate("store", "maintenance", "1", "--wait", pd);
    assertThat(spared.exitCode).as(spared.out + spared.err).isZero();
    assertThat(spared.out).contains("store 1 is MAINTENANCE");
    assertThat(spared.err).contains("store 1 is MAINTENANCE, leads 0 regions");
    assertThat(quorate("store", "maintenance", "1", "--off", pd).out).contains("store 1 is UP");

    // Three stores, three replicas: nobody can take them.
    Ended drained = quorate("store", "drain", "1", "--wait", "--wait-timeout", "1s", pd);
    assertThat(drained.exitCode).isEqualTo(ExitCode.NO);
    assertThat(drained.out).contains("not done in time");
    assertThat(quorate("store", "undrain", "1", pd).out).contains("store 1 is UP");
  }

  @Test
  @Order(3)
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

  /** Its users, too: a cluster that asks who somebody is starts again like any other. */
  @Test
  @Order(4)
  void clusterKeepsItsDataOverACleanStop() {
    String pd = "--pd=" + layout.pdAddresses();
    assertThat(quorate("put", "h/kept", "yes", pd).exitCode).isZero();
    assertThat(quorate("user", "add", "root:secret", pd).exitCode).isZero();
    assertThat(quorate("user", "grant-role", "root", "root", pd).exitCode).isZero();
    assertThat(quorate("auth", "enable", pd).exitCode).isZero();
    assertThat(quorate("cluster", "stop", "--dir", directory.toString()).out)
        .startsWith("4 processes");
    assertThat(quorate("cluster", "status", "--dir", directory.toString()).exitCode)
        .isEqualTo(ExitCode.NO);
    restart();
    assertThat(quorate("auth", "status", pd).out).contains("authentication is enabled");
    assertThat(quorate("get", "h/kept", "--user=root:secret", pd).out)
        .isEqualToIgnoringNewLines("yes");
    assertThat(quorate("cluster", "status", "--dir", directory.toString()).exitCode)
        .isZero();
  }
}
