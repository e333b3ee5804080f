package io.quorate.cli;

import io.quorate.placement.history.HistoryLimits;
import io.quorate.placement.history.Retention;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/** How much history a cluster keeps by itself, for all commands that start one. Filled in by picocli. */
final class RetentionOptions {
  private static final String MODE = "periodic";
  private static final String RETENTION = "1h";

  @Option(
      names = "--auto-compaction-mode",
      paramLabel = "MODE",
      defaultValue = MODE,
      description =
          "By what history is kept: periodic (age) or revision (number). Default: ${DEFAULT-VALUE}.")
  private String mode = "";

  @Option(
      names = "--auto-compaction-retention",
      paramLabel = "TIME|N",
      defaultValue = RETENTION,
      description = {
        "How much history is kept: a time such as 30s, 5m, 1h (a number alone: hours), or a number of revisions; 0: all of it.",
        "Default: ${DEFAULT-VALUE}."
      })
  private String retention = "";

  HistoryLimits limits() {
    return HistoryLimits.of(Retention.parse(mode, retention));
  }

  /** As settings of a cluster's placement drivers: nothing where all is as it is anyway. */
  Map<String, String> settings() {
    // Said here what would be said by a process that nobody looks at.
    HistoryLimits unused = limits();
    Map<String, String> settings = new LinkedHashMap<>();
    if (!mode.equals(MODE)) {
      settings.put("pd.auto-compaction-mode", mode);
    }
    if (!retention.equals(RETENTION)) {
      settings.put("pd.auto-compaction-retention", retention);
    }
    return settings;
  }
}
