package io.quorate.peers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What many Raft groups cost with jraft as it comes: three stores in one JVM, Bolt between them, a RocksDB log each. */
@Command(
    name = "stock-jraft",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Measures N groups of three replicas in one JVM.")
public final class StockJraft implements Callable<Integer> {
  private static final int CLOSURE_THREADS = 1000;

  @Option(names = "--groups", defaultValue = "1", description = "Raft groups (${DEFAULT-VALUE})")
  int groupCount;

  @Option(
      names = "--in-flight",
      defaultValue = "1000",
      description = "proposals over all groups (${DEFAULT-VALUE})")
  int inFlight;

  @Option(
      names = "--payload-bytes",
      defaultValue = "256",
      description = "size of a proposal (${DEFAULT-VALUE})")
  int payloadBytes;

  @Option(
      names = "--seconds",
      defaultValue = "10",
      description = "time measured (${DEFAULT-VALUE})")
  int seconds;

  @Option(
      names = "--warmup",
      defaultValue = "5",
      description = "seconds before it (${DEFAULT-VALUE})")
  int warmupSeconds;

  @Option(
      names = "--settle",
      defaultValue = "3",
      description = "seconds between load and idling (${DEFAULT-VALUE})")
  int settleSeconds;

  @Option(
      names = "--idle",
      defaultValue = "10",
      description = "seconds of idling measured (${DEFAULT-VALUE})")
  int idleSeconds;

  @Option(
      names = "--give-up-seconds",
      defaultValue = "170",
      description = "wait at most so long for all leaders (${DEFAULT-VALUE})")
  int giveUpSeconds;

  @Option(
      names = "--give-up-mb",
      defaultValue = "5000",
      description = "start no more groups beyond this resident size (${DEFAULT-VALUE})")
  int giveUpMb;

  @Option(
      names = "--election-timeout",
      defaultValue = "1000",
      description = "milliseconds (${DEFAULT-VALUE})")
  int electionTimeoutMillis;

  @Option(
      names = "--tuned",
      description = "share timers, shrink queues and pools, as far as options allow")
  boolean tuned;

  @Option(
      names = "--dir",
      defaultValue = ".",
      description = "where the data go for the time of the run (${DEFAULT-VALUE})")
  Path parent;

  private final CountDownLatch never = new CountDownLatch(1);
  private long begin;

  /** Runs the program; jraft leaves threads behind, so it ends by exit. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new StockJraft()).execute(args));
  }

  @Override
  public Integer call() throws Exception {
    ResultOutput output = ResultOutput.claim();
    begin = System.nanoTime();
    if (tuned) {
      // Beyond this pool jraft rejects wake-ups and callbacks of its own, and proposals are lost.
      System.setProperty("jraft.closure.threadpool.size.max", Integer.toString(CLOSURE_THREADS));
    }
    Path directory = Files.createTempDirectory(Files.createDirectories(parent), "stock-jraft");
    Runtime.getRuntime().addShutdownHook(new Thread(() -> StockStores.delete(directory), "delete"));
    JsonLine line = new JsonLine()
        .with("system", tuned ? "jraft-tuned" : "jraft-stock")
        .with("groups", groupCount);
    CountDownLatch elected = new CountDownLatch(groupCount);
    List<StockGroup> groups = startGroups(StockStores.start(directory), elected);
    line.with("created", groups.size()).with("createSeconds", secondsSince(begin));
    long created = System.nanoTime();
    boolean allElected = awaitLeaders(groups, elected);
    line.with("electSeconds", allElected ? secondsSince(created) : Double.NaN)
        .with("elected", groupCount - elected.getCount());
    usage(line, "");
    if (!allElected) {
      output.print(line.with("gaveUp", rssMb() > giveUpMb ? "memory" : "time"));
      return 1;
    }
    load(line, groups);
    elapse(settleSeconds);
    idle(line);
    usage(line, "AfterLoad");
    output.print(line);
    shutdown(groups);
    return 0;
  }

  private List<StockGroup> startGroups(List<StockGroup.Store> stores, CountDownLatch elected)
      throws IOException {
    List<StockGroup> groups = new ArrayList<>();
    for (int i = 0;
        i < groupCount && secondsSince(begin) < giveUpSeconds && rssMb() < giveUpMb;
        i++) {
      StockGroup group = new StockGroup("group-" + i, elected);
      group.start(stores, tuned, electionTimeoutMillis);
      groups.add(group);
    }
    return List.copyOf(groups);
  }

  private boolean awaitLeaders(List<StockGroup> groups, CountDownLatch elected)
      throws InterruptedException {
    if (groups.size() < groupCount) {
      return false;
    }
    long left = giveUpSeconds * 1000L - (long) (secondsSince(begin) * 1000);
    return elected.await(Math.max(0, left), TimeUnit.MILLISECONDS);
  }

  private void load(JsonLine line, List<StockGroup> groups) throws InterruptedException {
    Proposals proposals = new Proposals(groups, inFlight, payloadBytes);
    line.with("inFlight", proposals.inFlight()).with("payloadBytes", payloadBytes);
    proposals.start();
    elapse(warmupSeconds);
    proposals.reset();
    ProcessUsage before = ProcessUsage.ofThisProcess();
    long start = System.nanoTime();
    elapse(seconds);
    Histogram latencies = proposals.latencies();
    double measured = secondsSince(start);
    ProcessUsage after = ProcessUsage.ofThisProcess();
    long writes = latencies.getTotalCount();
    line.with("writes", writes)
        .with("seconds", measured)
        .with("writesPerSecond", writes / measured)
        .with("p50us", latencies.getValueAtPercentile(50) / 1e3)
        .with("p99us", latencies.getValueAtPercentile(99) / 1e3)
        .with("cpuMsPerWrite", (after.cpuMillis() - before.cpuMillis()) / writes)
        .with("errors", proposals.errors())
        .with("unanswered", proposals.stop());
  }

  /** Adds the share of one core that the groups use while nothing is proposed. */
  private void idle(JsonLine line) throws InterruptedException {
    ProcessUsage before = ProcessUsage.ofThisProcess();
    long start = System.nanoTime();
    elapse(idleSeconds);
    double millis = secondsSince(start) * 1e3;
    double cpuMillis = ProcessUsage.ofThisProcess().cpuMillis() - before.cpuMillis();
    line.with("idleCpuPercent", 100 * cpuMillis / millis);
  }

  private static void shutdown(List<StockGroup> groups) throws InterruptedException {
    groups.forEach(StockGroup::shutdown);
    for (StockGroup group : groups) {
      group.awaitShutdown();
    }
  }

  private static void usage(JsonLine line, String suffix) {
    ProcessUsage usage = ProcessUsage.ofThisProcess();
    line.with("threads" + suffix, usage.threads()).with("rssMb" + suffix, usage.rssMb());
  }

  private static double rssMb() {
    return ProcessUsage.ofThisProcess().rssMb();
  }

  /** Lets time pass that is to be measured. */
  private void elapse(int seconds) throws InterruptedException {
    if (never.await(seconds, TimeUnit.SECONDS)) {
      throw new IllegalStateException("nothing counts this latch down");
    }
  }

  private static double secondsSince(long start) {
    return (System.nanoTime() - start) / 1e9;
  }
}
