package io.quorate.cli;

import io.quorate.proto.HeldBarrier;
import io.quorate.proto.ShowHistoryResponse;
import io.quorate.proto.StoreHistory;
import io.quorate.proto.StoreStatus;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code quorate safepoint …}: what of the past is kept, and who keeps it. */
@Command(
    name = "safepoint",
    description = "Shows what of the past is kept, and by whom; holds and releases barriers.")
final class SafepointCommand implements Runnable {
  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  private record Shown(ShowHistoryResponse history, List<StoreStatus> stores) {}

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "a command is missing: show, hold, renew or release");
  }

  @Command(
      name = "show",
      description = {
        "Prints the compacted revision, the floor below which old versions are removed, the retention, and the barriers.",
        "Below it: how far each store is. A region without writes since then has nothing to remove, and its floor stays."
      })
  int show(@Mixin ClientOptions cluster, @Mixin Output output) {
    Shown shown = cluster.withPlacement(
        pd -> new Shown(pd.history().show().join(), pd.listStores().join()));
    output.print(json(shown), out -> print(out, shown));
    return ExitCode.OK;
  }

  @Command(
      name = "hold",
      description =
          "Keeps a revision for whoever reads below the compacted one on purpose, and prints which.")
  int hold(
      @Mixin ClientOptions cluster,
      @Mixin Output output,
      @Parameters(index = "0", paramLabel = "NAME", description = "The barrier's name, unique.")
          String name,
      @Option(
              names = "--rev",
              paramLabel = "R",
              defaultValue = "0",
              description = "Which revision. Default: the newest.")
          long revision,
      @Option(
              names = "--owner",
              paramLabel = "TEXT",
              defaultValue = "by hand",
              description = "For people: who, and what for. Default: ${DEFAULT-VALUE}.")
          String owner,
      @Option(
              names = "--ttl",
              paramLabel = "TIME",
              defaultValue = "1h",
              description = "It ends so long after the last renewal. Default: ${DEFAULT-VALUE}.")
          Duration ttl) {
    long held = cluster.withPlacement(
        pd -> pd.history().hold(name, owner, revision, ttl).join());
    output.print(Map.of("revision", held), out -> out.println("held revision " + held));
    return ExitCode.OK;
  }

  @Command(name = "renew", description = "Gives a barrier its whole time again.")
  int renew(
      @Mixin ClientOptions cluster,
      @Mixin Output output,
      @Parameters(index = "0", paramLabel = "NAME", description = "The barrier's name.")
          String name) {
    long held = cluster.withPlacement(pd -> pd.history().renew(name).join());
    output.print(Map.of("revision", held), out -> out.println("held revision " + held));
    return ExitCode.OK;
  }

  @Command(name = "release", description = "Takes a barrier away.")
  int release(
      @Mixin ClientOptions cluster,
      @Mixin Output output,
      @Parameters(index = "0", paramLabel = "NAME", description = "The barrier's name.")
          String name) {
    long held = cluster.withPlacement(pd -> pd.history().release(name).join());
    output.print(
        Map.of("revision", held),
        out -> out.println(held == 0 ? "no such barrier" : "released revision " + held));
    return held == 0 ? ExitCode.NO : ExitCode.OK;
  }

  private static Map<String, Object> json(Shown shown) {
    ShowHistoryResponse history = shown.history();
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("revision", history.getRevision());
    json.put("compacted", history.getCompacted());
    json.put("floor", history.getFloor());
    json.put("retention_mode", history.getRetentionMode());
    json.put("retention", history.getRetention());
    json.put("time_samples", history.getTimeSamples());
    List<Map<String, Object>> barriers = new ArrayList<>();
    for (HeldBarrier barrier : history.getBarriersList()) {
      Map<String, Object> each = new LinkedHashMap<>();
      each.put("name", barrier.getName());
      each.put("owner", barrier.getOwner());
      each.put("revision", barrier.getRevision());
      each.put("age_ms", age(barrier));
      each.put("ttl_ms", barrier.getTtlMs());
      each.put("left_ms", barrier.getLeftMs());
      barriers.add(each);
    }
    json.put("barriers", barriers);
    List<Map<String, Object>> stores = new ArrayList<>();
    for (StoreStatus status : shown.stores()) {
      StoreHistory store = status.getStats().getHistory();
      Map<String, Object> each = new LinkedHashMap<>();
      each.put("store", status.getStore().getStoreId());
      each.put("settled", store.getSettled());
      each.put("behind", store.getBehind());
      each.put("uncleaned", store.getUncleaned());
      each.put("smallest_floor", store.getSmallestFloor());
      each.put("smallest_region", store.getSmallestRegion());
      each.put("removed", store.getRemoved());
      stores.add(each);
    }
    json.put("stores", stores);
    return json;
  }

  /** By two wall clocks: for people. */
  private static long age(HeldBarrier barrier) {
    return Math.max(0, System.currentTimeMillis() - barrier.getCreatedMs());
  }

  private static void print(PrintWriter out, Shown shown) {
    ShowHistoryResponse history = shown.history();
    out.println("newest revision     " + history.getRevision());
    out.println("compacted revision  " + history.getCompacted());
    out.println("floor               " + history.getFloor());
    String unit = history.getRetentionMode().equals("periodic")
        ? Duration.ofMillis(history.getRetention()).toString()
        : Long.toString(history.getRetention());
    out.println("retention           " + history.getRetentionMode() + " " + unit);
    history
        .getBarriersList()
        .forEach(barrier -> out.printf(
            "barrier %s at %d by %s, %d s old, ends in %d s unless renewed%n",
            barrier.getName(),
            barrier.getRevision(),
            barrier.getOwner(),
            age(barrier) / 1_000,
            barrier.getLeftMs() / 1_000));
    out.printf(
        "%-6s %-12s %-10s %-10s %-12s %s%n",
        "store", "settled", "behind", "uncleaned", "removed", "smallest floor");
    for (StoreStatus status : shown.stores()) {
      StoreHistory store = status.getStats().getHistory();
      out.printf(
          "%-6d %-12d %-10d %-10d %-12d %s%n",
          status.getStore().getStoreId(),
          store.getSettled(),
          store.getBehind(),
          store.getUncleaned(),
          store.getRemoved(),
          store.getSmallestRegion() == 0
              ? "-"
              : store.getSmallestFloor() + " of region " + store.getSmallestRegion());
    }
  }
}
