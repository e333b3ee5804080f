package io.quorate.bench.multiraft;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code quorate bench groups}: what N Raft groups cost in one JVM with three hosts; one line per run. */
@Command(
    name = "groups",
    description = {
      "Runs N Raft groups of three replicas in this JVM (three hosts, real disks, loopback) and tells threads, memory, "
          + "idle processor time, time to elect all leaders, and synced writes per second.",
      "Run it once per N: memory and threads are the JVM's."
    },
    mixinStandardHelpOptions = true)
public final class GroupCostCommand implements Callable<Integer> {
  @Option(
      names = "--groups",
      defaultValue = "10",
      description = "How many groups (default ${DEFAULT-VALUE}).")
  int groups;

  @Option(
      names = "--election-ms",
      defaultValue = "1000",
      description = "Election timeout in milliseconds (default ${DEFAULT-VALUE}).")
  long electionMillis;

  @Option(
      names = "--idle",
      defaultValue = "10",
      description = "Seconds to watch the idle groups (default ${DEFAULT-VALUE}).")
  long idleSeconds;

  @Option(
      names = "--seconds",
      defaultValue = "10",
      description =
          "Seconds to write, after as long unmeasured; 0 for not at all (default ${DEFAULT-VALUE}).")
  long seconds;

  @Option(
      names = "--in-flight",
      defaultValue = "1000",
      description = "Proposals outstanding over all groups (default ${DEFAULT-VALUE}).")
  int inFlight;

  @Option(
      names = "--dir",
      defaultValue = "${sys:java.io.tmpdir}",
      description =
          "Where the three databases go; they are removed at the end (default ${DEFAULT-VALUE}).")
  Path folder = Path.of("");

  @Override
  public Integer call() throws Exception {
    GroupCost.Plan plan = new GroupCost.Plan(
        Duration.ofMillis(electionMillis),
        Duration.ofSeconds(120),
        Duration.ofSeconds(idleSeconds),
        Duration.ofSeconds(seconds),
        inFlight);
    GroupCost cost = GroupCost.measure(groups, folder, plan);
    System.out.println(new ObjectMapper().writeValueAsString(cost));
    return 0;
  }
}
