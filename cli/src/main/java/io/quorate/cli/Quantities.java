package io.quorate.cli;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads times and sizes as people write them: {@code 300ms}, {@code 5s}, {@code 2m}; {@code 64MiB}, {@code 512KiB}. Pure. */
final class Quantities {
  private static final Pattern NUMBER_AND_UNIT = Pattern.compile("(\\d{1,9})\\s*([A-Za-z]*)");

  private static final Map<String, Long> MILLIS =
      Map.of("ms", 1L, "s", 1_000L, "m", 60_000L, "h", 3_600_000L);
  private static final Map<String, Long> BYTES = Map.of(
      "", 1L, "b", 1L, "k", 1L << 10, "kib", 1L << 10, "m", 1L << 20, "mib", 1L << 20, "g",
      1L << 30, "gib", 1L << 30);

  private Quantities() {}

  static Duration duration(String text) {
    return Duration.ofMillis(scaled(text, MILLIS)
        .orElseThrow(() -> new TypeConversionException(
            "'" + text + "' is not a time: write it like 300ms, 5s, 2m")));
  }

  static long bytes(String text) {
    return scaled(text, BYTES)
        .orElseThrow(() -> new TypeConversionException(
            "'" + text + "' is not a size: write it like 512KiB, 64MiB, 1GiB"));
  }

  private static Optional<Long> scaled(String text, Map<String, Long> units) {
    Matcher parts = NUMBER_AND_UNIT.matcher(text.strip());
    return parts.matches()
        ? Optional.ofNullable(units.get(parts.group(2).toLowerCase(Locale.ROOT)))
            .map(unit -> Math.multiplyExact(Long.parseLong(parts.group(1)), unit))
        : Optional.empty();
  }

  /** Lets an option be given as a size. */
  static final class Size implements ITypeConverter<Long> {
    @Override
    public Long convert(String text) {
      return bytes(text);
    }
  }
}
