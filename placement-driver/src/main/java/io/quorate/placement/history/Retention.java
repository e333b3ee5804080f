package io.quorate.placement.history;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How much history is kept without anybody's doing; names and meaning of the settings are etcd's. Pure.
 *
 * @param mode by what
 * @param amount milliseconds with {@code PERIODIC}, revisions with {@code REVISION}
 */
public record Retention(Mode mode, long amount) {
  /** By what history is measured. */
  public enum Mode {
    /** By age. */
    PERIODIC,
    /** By number of revisions handed out. */
    REVISION,
    /** It is kept until somebody compacts it. */
    OFF
  }

  private static final Pattern TIME = Pattern.compile("(\\d{1,12})(ms|s|m|h|d)");

  /** What is kept unless somebody says otherwise: one hour. */
  public static final Retention DEFAULT = new Retention(Mode.PERIODIC, 3_600_000);

  public Retention {
    if (amount < 0 || (mode != Mode.OFF && amount == 0)) {
      throw new IllegalArgumentException("a retention of " + amount + " keeps nothing");
    }
  }

  /**
   * Reads settings.
   *
   * @param mode {@code periodic} or {@code revision}
   * @param retention a number of revisions, or a time such as {@code 30s}, {@code 5m}, {@code 1h} (a number alone: hours, as in
   *     etcd); {@code 0}: nothing is compacted automatically
   */
  public static Retention parse(String mode, String retention) {
    String amount = retention.strip();
    if (!mode.equalsIgnoreCase("periodic") && !mode.equalsIgnoreCase("revision")) {
      throw new IllegalArgumentException(
          "auto-compaction-mode must be periodic or revision, not '" + mode + "'");
    }
    if (amount.matches("0+(ms|s|m|h|d)?")) {
      return new Retention(Mode.OFF, 0);
    }
    boolean number = amount.matches("\\d{1,15}");
    if (mode.equalsIgnoreCase("revision")) {
      if (!number) {
        throw new IllegalArgumentException(
            "auto-compaction-retention must be a number of revisions, not '" + retention + "'");
      }
      return new Retention(Mode.REVISION, Long.parseLong(amount));
    }
    Matcher time = TIME.matcher(number ? amount + "h" : amount);
    if (!time.matches()) {
      throw new IllegalArgumentException(
          "auto-compaction-retention must be a time such as 30s, 5m or 1h, not '" + retention
              + "'");
    }
    long unit = switch (time.group(2)) {
      case "ms" -> 1;
      case "s" -> 1_000;
      case "m" -> 60_000;
      case "h" -> 3_600_000;
      default -> 86_400_000;
    };
    return new Retention(Mode.PERIODIC, Math.multiplyExact(Long.parseLong(time.group(1)), unit));
  }

  /**
   * Up to which revision history may go now; 0 if nothing may.
   *
   * @param times what is known of the past
   * @param now the present
   */
  public long compactTo(TimeMap times, TimeMap.Sample now) {
    return switch (mode) {
      case PERIODIC ->
        times.atAge(now.age() - amount).map(TimeMap.Sample::revision).orElse(0L);
      case REVISION ->
        times.atDrawn(now.drawn() - amount).map(TimeMap.Sample::revision).orElse(0L);
      case OFF -> 0;
    };
  }

  /** The mode as its setting is written. */
  public String modeName() {
    return mode.name().toLowerCase(Locale.ROOT);
  }
}
