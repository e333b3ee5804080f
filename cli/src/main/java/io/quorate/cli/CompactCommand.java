package io.quorate.cli;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code quorate compact}. */
@Command(
    name = "compact",
    description = {
      "Lets the past go: reads and watches below the revision are refused from then on, in all regions at once.",
      "What only they could have seen is removed by and by."
    })
final class CompactCommand implements Callable<Integer> {
  @Parameters(
      arity = "0..1",
      paramLabel = "REV",
      defaultValue = "0",
      description = "The oldest revision that stays readable. Default: the newest.")
  private long revision;

  @Option(
      names = "--physical",
      description = "Wait until what may be removed is removed on all stores that are up.")
  private boolean physical;

  @Option(
      names = "--patience",
      paramLabel = "TIME",
      defaultValue = "60s",
      description = "With --physical: how long to wait. Default: ${DEFAULT-VALUE}.")
  private Duration patience = Duration.ZERO;

  @Mixin
  private ClientOptions cluster = new ClientOptions();

  @Mixin
  private Output output = new Output();

  @Override
  public Integer call() {
    return cluster.withClient(client -> {
      long to = revision == 0 ? client.snapshot().join().revision() : revision;
      if (physical) {
        client.compactAndRemove(to, patience).join();
      } else {
        client.compact(to).join();
      }
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("compacted", to);
      output.print(json, out -> out.println("compacted revision " + to));
      return ExitCode.OK;
    });
  }
}
