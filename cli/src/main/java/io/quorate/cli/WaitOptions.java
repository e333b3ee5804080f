package io.quorate.cli;

import java.time.Duration;
import picocli.CommandLine.Option;

/** For commands whose work goes on after they were told. Filled in by picocli. */
final class WaitOptions {
  @Option(
      names = "--wait",
      description =
          "Print how it goes and return when it is done; exit code 1 if it is not done in time or not at all.")
  private boolean wait;

  @Option(
      names = "--wait-timeout",
      paramLabel = "TIME",
      defaultValue = "5m",
      description = "With --wait: for how long. Default: ${DEFAULT-VALUE}.")
  private Duration timeout = Duration.ZERO;

  boolean wanted() {
    return wait;
  }

  Duration timeout() {
    return timeout;
  }
}
