package io.quorate.cli;

import io.quorate.proto.SchedulerStatus;
import io.quorate.proto.SchedulersResponse;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code quorate scheduler …}: the rules by which the placement driver moves regions. */
@Command(
    name = "scheduler",
    description = {
      "Show, pause or resume the rules by which the placement driver moves regions.",
      "Their limits are options of 'quorate pd run'."
    })
final class SchedulerCommand implements Runnable {
  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a command is missing: list, pause or resume");
  }

  @Command(
      name = "list",
      description = "Prints all rules, whether they are paused, and their operators under way.")
  int list(@Mixin ClientOptions cluster, @Mixin Output output) {
    print(output, cluster.withPlacement(pd -> pd.admin().listSchedulers().join()));
    return ExitCode.OK;
  }

  @Command(
      name = "pause",
      description = {
        "The rule plans nothing for a while; operators under way go on (see 'quorate operator cancel').",
        "Forgotten when PD's leader changes."
      })
  int pause(
      @Mixin ClientOptions cluster,
      @Mixin Output output,
      @Parameters(paramLabel = "NAME", description = "As 'scheduler list' prints it.") String name,
      @Option(
              names = "--for",
              paramLabel = "TIME",
              defaultValue = "0s",
              description =
                  "How long, such as 10m; 0s: until it is resumed. Default: ${DEFAULT-VALUE}.")
          Duration time) {
    print(
        output,
        cluster.withPlacement(pd -> pd.admin().pauseScheduler(name, time).join()));
    return ExitCode.OK;
  }

  @Command(name = "resume", description = "The rule plans again.")
  int resume(
      @Mixin ClientOptions cluster,
      @Mixin Output output,
      @Parameters(paramLabel = "NAME", description = "As 'scheduler list' prints it.")
          String name) {
    print(output, cluster.withPlacement(pd -> pd.admin().resumeScheduler(name).join()));
    return ExitCode.OK;
  }

  private static void print(Output output, SchedulersResponse response) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("planning", response.getPlanning());
    json.put("last_round_us", response.getLastRoundMicros());
    json.put(
        "schedulers",
        response.getSchedulersList().stream().map(SchedulerCommand::json).toList());
    output.print(json, out -> {
      out.printf("%-32s %-22s %s%n", "scheduler", "state", "operators");
      for (SchedulerStatus each : response.getSchedulersList()) {
        out.printf("%-32s %-22s %d%n", each.getName(), state(each), each.getRunning());
      }
      if (!response.getPlanning()) {
        out.println("PD's leader has not heard enough of the regions yet: nothing is planned.");
      }
    });
  }

  private static String state(SchedulerStatus scheduler) {
    if (!scheduler.getPaused()) {
      return "active";
    }
    return scheduler.getPausedForMs() == 0
        ? "paused"
        : "paused for " + (scheduler.getPausedForMs() + 999) / 1_000 + " s";
  }

  private static Map<String, Object> json(SchedulerStatus scheduler) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", scheduler.getName());
    json.put("paused", scheduler.getPaused());
    json.put("paused_for_ms", scheduler.getPausedForMs());
    json.put("operators", scheduler.getRunning());
    return json;
  }
}
