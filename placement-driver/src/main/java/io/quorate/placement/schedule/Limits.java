package io.quorate.placement.schedule;

import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What schedulers heed: a value for every {@link Setting}, read and checked once. Immutable. */
public final class Limits {
  private static final Pattern NUMBER_AND_UNIT = Pattern.compile("(\\d{1,12})\\s*([A-Za-z]*)");
  private static final Map<String, Long> MILLIS =
      Map.of("ms", 1L, "s", 1_000L, "m", 60_000L, "h", 3_600_000L, "d", 86_400_000L);
  private static final Map<String, Long> BYTES =
      Map.of("", 1L, "b", 1L, "kib", 1L << 10, "mib", 1L << 20, "gib", 1L << 30);
  private static final Limits DEFAULTS = new Limits(Map.of());

  private final Map<Setting, String> texts;
  private final Map<Setting, Double> numbers = new EnumMap<>(Setting.class);
  private final Map<Setting, List<String>> names = new EnumMap<>(Setting.class);

  private Limits(Map<Setting, String> given) {
    Map<Setting, String> all = new EnumMap<>(Setting.class);
    for (Setting setting : Setting.values()) {
      String text = given.getOrDefault(setting, setting.byDefault()).strip();
      all.put(setting, text);
      read(setting, text);
    }
    texts = Map.copyOf(all);
    check();
  }

  public static Limits defaults() {
    return DEFAULTS;
  }

  /** These limits with one changed; throws {@link IllegalArgumentException} with one line if the text does not do. */
  public Limits with(Setting setting, String text) {
    Map<Setting, String> changed = new EnumMap<>(texts);
    changed.put(setting, text);
    return new Limits(changed);
  }

  /** The settings by their keys as an operator writes them; what is not named keeps its value. */
  public Limits with(Map<String, String> byKey) {
    Map<Setting, String> changed = new EnumMap<>(texts);
    byKey.forEach((key, text) -> changed.put(
        Setting.named(key)
            .orElseThrow(() -> new IllegalArgumentException("no setting is called '" + key + "'")),
        text));
    return new Limits(changed);
  }

  private void read(Setting setting, String text) {
    switch (setting.kind()) {
      case NAMES ->
        names.put(setting, text.isEmpty() ? List.of() : List.of(text.split("\\s*,\\s*", -1)));
      case FLAG -> {
        if (!text.equals("true") && !text.equals("false")) {
          throw wrong(setting, text, "true or false");
        }
        numbers.put(setting, text.equals("true") ? 1.0 : 0.0);
      }
      case TIME ->
        bounded(setting, text, scaled(setting, text, MILLIS, "a time like 300ms, 5s, 2m"));
      case BYTES ->
        bounded(setting, text, scaled(setting, text, BYTES, "a size like 512KiB, 64MiB"));
      case COUNT, RATIO -> {
        double number;
        try {
          number = setting.kind() == Setting.Kind.COUNT
              ? (double) Long.parseLong(text)
              : Double.parseDouble(text);
        } catch (NumberFormatException e) {
          throw wrong(setting, text, "a number");
        }
        bounded(setting, text, number);
      }
    }
  }

  private void bounded(Setting setting, String text, double value) {
    if (!(value >= setting.min() && value <= setting.max())) {
      throw wrong(
          setting,
          text,
          "from " + (long) setting.min() + " to " + (long) setting.max()
              + (setting.kind() == Setting.Kind.TIME ? " ms" : ""));
    }
    numbers.put(setting, value);
  }

  private static double scaled(
      Setting setting, String text, Map<String, Long> units, String expected) {
    Matcher parts = NUMBER_AND_UNIT.matcher(text);
    if (parts.matches()) {
      Long unit = units.get(parts.group(2).toLowerCase(Locale.ROOT));
      if (unit != null) {
        return (double) Long.parseLong(parts.group(1)) * unit;
      }
    }
    throw wrong(setting, text, expected);
  }

  private void check() {
    if (ratio(Setting.HIGH_SPACE_RATIO) > ratio(Setting.LOW_SPACE_RATIO)) {
      throw new IllegalArgumentException("--high-space-ratio must not be above --low-space-ratio");
    }
    if (names(Setting.ISOLATION_LEVEL).size() > 1
        || !names(Setting.LOCATION_LABELS).containsAll(names(Setting.ISOLATION_LEVEL))) {
      throw new IllegalArgumentException("--isolation-level must be one of --location-labels");
    }
  }

  private static IllegalArgumentException wrong(Setting setting, String text, String expected) {
    return new IllegalArgumentException(
        "--" + setting.key() + " is '" + text + "': it must be " + expected);
  }

  private double number(Setting setting) {
    return Objects.requireNonNull(numbers.get(setting), setting.key());
  }

  public int count(Setting setting) {
    return (int) Math.min(Integer.MAX_VALUE, (long) number(setting));
  }

  public long bytes(Setting setting) {
    return (long) number(setting);
  }

  public double ratio(Setting setting) {
    return number(setting);
  }

  public boolean flag(Setting setting) {
    return number(setting) != 0;
  }

  public Duration time(Setting setting) {
    return Duration.ofMillis((long) number(setting));
  }

  public long nanos(Setting setting) {
    return ((long) number(setting)) * 1_000_000;
  }

  public List<String> names(Setting setting) {
    return Objects.requireNonNull(names.get(setting), setting.key());
  }

  /** As it was given. */
  public String text(Setting setting) {
    return Objects.requireNonNull(texts.get(setting));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Limits limits && limits.texts.equals(texts);
  }

  @Override
  public int hashCode() {
    return texts.hashCode();
  }

  @Override
  public String toString() {
    return new EnumMap<>(texts).toString();
  }
}
