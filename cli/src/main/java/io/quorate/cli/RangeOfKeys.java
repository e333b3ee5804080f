package io.quorate.cli;

import io.quorate.model.KeyRange;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which keys a command is about. Filled in by picocli. */
final class RangeOfKeys {
  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "KEY",
      description = "The key, or the first of a range.")
  private @Nullable String start;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "END",
      description = "First key after the range.")
  private @Nullable String end;

  @Option(names = "--prefix", description = "All keys that begin with KEY.")
  private boolean prefix;

  @Option(names = "--from-key", description = "All keys from KEY on.")
  private boolean fromKey;

  /**
   * The keys meant.
   *
   * @param everything whether all keys are meant where none is named
   */
  KeyRange range(ClientOptions cluster, boolean everything) {
    if (start == null) {
      if (!everything) {
        throw new IllegalArgumentException(
            "which key? Name one, or a range; --prefix \"\" means all");
      }
      return KeyRange.ALL;
    }
    if ((end != null ? 1 : 0) + (prefix ? 1 : 0) + (fromKey ? 1 : 0) > 1) {
      throw new IllegalArgumentException("give END, --prefix or --from-key, not several of them");
    }
    if (end != null) {
      KeyRange range = KeyRange.of(cluster.bytes(start), cluster.bytes(end));
      if (range.isEmpty()) {
        throw new IllegalArgumentException(
            "no key lies between " + start + " and " + end + ": END must be greater");
      }
      return range;
    }
    if (prefix) {
      return KeyRange.prefix(cluster.bytes(start));
    }
    return fromKey
        ? KeyRange.of(cluster.bytes(start), KeyRange.ALL.end())
        : KeyRange.single(cluster.bytes(start));
  }
}
