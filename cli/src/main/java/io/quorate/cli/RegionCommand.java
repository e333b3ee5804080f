package io.quorate.cli;

import io.quorate.client.placement.AdminClient;
import io.quorate.client.placement.Located;
import io.quorate.client.placement.RegionListing;
import io.quorate.model.Bytes;
import io.quorate.model.RegionId;
import io.quorate.model.StoreId;
import io.quorate.proto.CheckRegionsResponse;
import io.quorate.proto.OperatorStatus;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code quorate region …}: look at regions, and change them by hand. */
@Command(
    name = "region",
    description = {
      "List regions, explain and change them.",
      "Changes are operators of the placement driver: these commands print the operator and return at once, "
          + "with --wait when it has ended; 'quorate operator list --ended 10' shows what came of it."
    },
    subcommands = RegionListCommand.class)
final class RegionCommand implements Runnable {
  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "a command is missing: list, show, split, merge, transfer-leader, move-peer, why or check");
  }

  @Command(
      name = "show",
      description = "Prints one region, its replicas, and the operator under way, if there is one.")
  int show(
      @Mixin ClientOptions cluster,
      @Mixin Output output,
      @Parameters(paramLabel = "REGION", description = "The region's id.") long id) {
    record Shown(RegionListing listing, List<OperatorStatus> operators) {}
    Shown shown = cluster.withPlacement(pd -> new Shown(
        pd.lookup(new RegionId(id)).join(),
        pd.admin().listOperators(0).join().stream()
            .filter(operator -> operator.getRegionId() == id)
            .toList()));
    if (shown.listing().regions().isEmpty()) {
      output.print(Map.of(), out -> out.println("region " + id + " is not known"));
      return ExitCode.NO;
    }
    Located region = shown.listing().regions().get(0);
    RegionTable table = new RegionTable(cluster);
    Map<String, Object> json = table.json(region);
    json.put(
        "operators",
        shown.operators().stream().map(OperatorStatus::getStepsList).toList());
    output.print(json, out -> {
      table.print(out, List.of(region));
      if (!region.down().isEmpty() || !region.pending().isEmpty()) {
        out.println("replicas down: " + region.down() + ", behind: " + region.pending());
      }
      if (region.check().isPresent()) {
        out.println("replicas were compared:");
        table.printChecks(out, List.of(region));
      }
      shown
          .operators()
          .forEach(operator -> out.println(
              "under way: " + operator.getStepsList() + ", step " + (operator.getStep() + 1)
                  + " by " + operator.getPlannedBy() + ": " + operator.getWhy()));
    });
    return ExitCode.OK;
  }

  @Command(
      name = "split",
      description = {
        "Cuts regions at keys: each key becomes the first one of a new region.",
        "With --region and no keys: cuts that region in the middle of its data."
      })
  int split(
      @Mixin ClientOptions cluster,
      @Mixin Output output,
      @Mixin WaitOptions wait,
      @Parameters(arity = "0..*", paramLabel = "KEY", description = "Where to cut.")
          List<String> keys,
      @Option(
              names = "--region",
              paramLabel = "REGION",
              defaultValue = "0",
              description = "Cut this one in the middle of its data; instead of keys.")
          long region,
      @Option(
              names = "--scatter",
              description =
                  "Spread what the regions become over all stores, for an even start of a bulk load.")
          boolean scatter) {
    List<Bytes> cuts =
        keys == null ? List.of() : keys.stream().map(cluster::bytes).toList();
    if (cuts.isEmpty() == (region == 0)) {
      throw new ParameterException(spec.commandLine(), "give either keys or --region");
    }
    return operators(
        cluster,
        output,
        wait,
        admin -> cuts.isEmpty()
            ? admin.split(new RegionId(region), scatter)
            : admin.split(cuts, scatter));
  }

  @Command(
      name = "merge",
      description = {
        "Merges the region into its left neighbour, or the second region into the first.",
        "Where their replicas stand on other stores, those of the left one are moved first."
      })
  int merge(
      @Mixin ClientOptions cluster,
      @Mixin Output output,
      @Mixin WaitOptions wait,
      @Parameters(
              arity = "1..2",
              paramLabel = "REGION",
              description = "The right one of the two; or the left one and the right one.")
          List<Long> regions) {
    RegionId last = new RegionId(regions.get(regions.size() - 1));
    Optional<RegionId> left =
        regions.size() == 2 ? Optional.of(new RegionId(regions.get(0))) : Optional.empty();
    return operators(cluster, output, wait, admin -> admin.merge(left, last));
  }

  @Command(
      name = "transfer-leader",
      description = "Hands the region's leadership to its replica on another store.")
  int transferLeader(
      @Mixin ClientOptions cluster,
      @Mixin Output output,
      @Mixin WaitOptions wait,
      @Parameters(index = "0", paramLabel = "REGION", description = "The region's id.") long region,
      @Parameters(index = "1", paramLabel = "STORE", description = "Who shall lead.") long store) {
    return operators(
        cluster,
        output,
        wait,
        admin -> admin.transferLeader(new RegionId(region), new StoreId(store)));
  }

  @Command(
      name = "move-peer",
      description = {
        "Moves one replica of the region to another store.",
        "A learner is added there and catches up, votes, and only then the old one goes."
      })
  int movePeer(
      @Mixin ClientOptions cluster,
      @Mixin Output output,
      @Mixin WaitOptions wait,
      @Parameters(index = "0", paramLabel = "REGION", description = "The region's id.") long region,
      @Parameters(index = "1", paramLabel = "FROM", description = "A store that holds it.")
          long from,
      @Parameters(index = "2", paramLabel = "TO", description = "A store that does not.") long to) {
    return operators(
        cluster,
        output,
        wait,
        admin -> admin.movePeer(new RegionId(region), new StoreId(from), new StoreId(to)));
  }

  @Command(
      name = "why",
      description = {
        "Says what is planned for the region, or why nothing is: one line for each rule of placement.",
        "The rules answer themselves, by the code that plans."
      })
  int why(
      @Mixin ClientOptions cluster,
      @Mixin Output output,
      @Parameters(paramLabel = "REGION", description = "The region's id.") long region) {
    List<String> lines =
        cluster.withPlacement(pd -> pd.admin().why(new RegionId(region)).join());
    output.print(List.copyOf(lines), out -> lines.forEach(out::println));
    return ExitCode.OK;
  }

  @Command(
      name = "check",
      description = {
        "Orders the regions' replicas to sum up what they hold, all at one index of their log, and to compare.",
        "A replica that differs from its leader's stops, and shows as down.",
        "With --wait: prints what each region came to, once its leader has told."
      })
  int check(
      @Mixin ClientOptions cluster,
      @Mixin Output output,
      @Parameters(arity = "0..*", paramLabel = "REGION", description = "Regions' ids; none: all.")
          List<Long> regions,
      @Option(
              names = "--revision",
              paramLabel = "N",
              defaultValue = "0",
              description =
                  "Sum up the versions visible at or above it. Default: the compacted revision.")
          long revision,
      @Option(names = "--wait", description = "Wait for the answers, for up to --timeout.")
          boolean wait) {
    List<RegionId> ids = new ArrayList<>();
    if (regions != null) {
      regions.forEach(id -> ids.add(new RegionId(id)));
    }
    return wait
        ? checkAndWait(cluster, output, ids, revision)
        : orderChecks(cluster, output, ids, revision);
  }

  private static int checkAndWait(
      ClientOptions cluster, Output output, List<RegionId> ids, long revision) {
    record Told(CheckRegionsResponse ordered, List<Located> regions) {}
    Told told = cluster.withPlacement(pd -> {
      CheckWatchLoop watch = CheckWatchLoop.begin(pd);
      CheckRegionsResponse ordered = pd.admin().check(ids, revision).join();
      return new Told(ordered, watch.await(ordered.getRegionIdsList(), cluster.timeout()));
    });
    List<Long> silent = new ArrayList<>(told.ordered().getRegionIdsList());
    told.regions().forEach(region -> silent.remove((Long) region.region().id().value()));
    silent.addAll(told.ordered().getLeaderlessList());
    RegionTable table = new RegionTable(cluster);
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("regions", told.regions().stream().map(table::json).toList());
    json.put("silent", silent);
    output.print(json, out -> {
      table.printChecks(out, told.regions());
      if (!silent.isEmpty()) {
        out.println("not told in " + cluster.timeout().toSeconds() + " s: " + silent);
      }
    });
    boolean whole = told.regions().stream().allMatch(region -> region.down().isEmpty());
    return silent.isEmpty() && whole ? ExitCode.OK : ExitCode.NO;
  }

  private static int orderChecks(
      ClientOptions cluster, Output output, List<RegionId> ids, long revision) {
    CheckRegionsResponse ordered =
        cluster.withPlacement(pd -> pd.admin().check(ids, revision).join());
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("ordered", List.copyOf(ordered.getRegionIdsList()));
    json.put("leaderless", List.copyOf(ordered.getLeaderlessList()));
    json.put("revision", ordered.getRevision());
    output.print(
        json,
        out -> out.println(ordered.getRegionIdsCount()
            + " regions check their replicas from revision " + ordered.getRevision() + " on; "
            + ordered.getLeaderlessCount() + " have no leader that is heard"));
    return ordered.getLeaderlessCount() == 0 ? ExitCode.OK : ExitCode.NO;
  }

  private int operators(
      ClientOptions cluster,
      Output output,
      WaitOptions wait,
      Function<AdminClient, CompletableFuture<List<OperatorStatus>>> order) {
    List<OperatorStatus> operators = cluster.withPlacement(pd -> {
      List<OperatorStatus> ordered = order.apply(pd.admin()).join();
      return wait.wanted()
          ? new WaitLoop(pd, spec.commandLine().getErr(), wait.timeout()).operators(ordered)
          : ordered;
    });
    OperatorTable.print(output, operators);
    boolean done = operators.stream()
        .allMatch(operator -> operator.getState() == OperatorStatus.State.SUCCESS);
    return wait.wanted() && !done ? ExitCode.NO : ExitCode.OK;
  }
}
