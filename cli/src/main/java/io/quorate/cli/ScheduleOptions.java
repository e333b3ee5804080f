package io.quorate.cli;

import io.quorate.placement.schedule.Limits;
import io.quorate.placement.schedule.Setting;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The options of {@code pd run} that schedulers heed, one for each {@link Setting}: made from that list, so that names, defaults
 * and descriptions stand in one place.
 */
final class ScheduleOptions {
  private ScheduleOptions() {}

  /** Adds the options to {@code run} below {@code pd}. */
  static void addTo(@Nullable CommandLine pd) {
    CommandSpec run = Objects.requireNonNull(
            Objects.requireNonNull(pd).getSubcommands().get("run"))
        .getCommandSpec();
    for (Setting setting : Setting.values()) {
      // It shapes a new cluster, too, and is there already.
      if (setting == Setting.MAX_REPLICAS) {
        continue;
      }
      String byDefault = setting.byDefault().isEmpty() ? "none" : setting.byDefault();
      run.addOption(OptionSpec.builder("--" + setting.key())
          .type(String.class)
          .paramLabel(setting.kind().placeholder())
          .defaultValue(setting.byDefault())
          .description(setting.description() + " Default: " + byDefault + ".")
          .build());
    }
  }

  /** What was given, by command line or file. */
  static Limits limits(CommandSpec run) {
    Map<String, String> given = new HashMap<>();
    for (Setting setting : Setting.values()) {
      OptionSpec option = run.findOption("--" + setting.key());
      if (option != null && option.getValue() instanceof String text) {
        given.put(setting.key(), text);
      }
    }
    return Limits.defaults().with(given);
  }
}
