package io.quorate.cli;

import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads times and sizes as people write them: {@code 300ms}, {@code 5s}, {@code 2m}; {@code 64MiB}, {@code 512KiB}. Pure. */
final class Quantities {
  private static final Pattern NUMBER_AND_UNIT = Pattern.compile("(\\d{1,15})\\s*([A-Za-z]*)");

  private Quantities() {}

  static Duration duration(String text) {
    Matcher parts = NUMBER_AND_UNIT.matcher(text.strip());
    if (parts.matches()) {
      long number = Long.parseLong(parts.group(1));
      switch (parts.group(2).toLowerCase(Locale.ROOT)) {
        case "ms":
          return Duration.ofMillis(number);
        case "s":
          return Duration.ofSeconds(number);
        case "m":
          return Duration.ofMinutes(number);
        case "h":
          return Duration.ofHours(number);
        default:
          break;
      }
    }
    throw new TypeConversionException("'" + text + "' is not a time: write it like 300ms, 5s, 2m");
  }

  static long bytes(String text) {
    Matcher parts = NUMBER_AND_UNIT.matcher(text.strip());
    if (parts.matches()) {
      long number = Long.parseLong(parts.group(1));
      switch (parts.group(2).toLowerCase(Locale.ROOT)) {
        case "", "b":
          return number;
        case "k", "kib":
          return number << 10;
        case "m", "mib":
          return number << 20;
        case "g", "gib":
          return number << 30;
        default:
          break;
      }
    }
    throw new TypeConversionException(
        "'" + text + "' is not a size: write it like 512KiB, 64MiB, 1GiB");
  }

  /** Lets an option be given as a size. */
  static final class Size implements ITypeConverter<Long> {
    @Override
    public Long convert(String text) {
      return bytes(text);
    }
  }
}
