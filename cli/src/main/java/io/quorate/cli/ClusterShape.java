package io.quorate.cli;

import io.quorate.embedded.SplitKeys;
import io.quorate.model.Bytes;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;

/**
 * How a new cluster's keyspace is cut and replicated at first. Pure.
 *
 * @param splitKeys keys at which a region ends and the next begins
 * @param splitEven instead: into how many regions YCSB's keys are cut evenly; 0 does not
 * @param keyPrefix of YCSB's keys
 * @param replicas of each region
 */
record ClusterShape(List<String> splitKeys, int splitEven, String keyPrefix, int replicas) {
  ClusterShape {
    splitKeys = List.copyOf(splitKeys);
    if (!splitKeys.isEmpty() && splitEven > 0) {
      throw new IllegalArgumentException("give either --split-keys or --split-even, not both");
    }
    if (replicas < 1 || replicas > 7) {
      throw new IllegalArgumentException("--replicas must be 1 to 7, not " + replicas);
    }
  }

  static ClusterShape oneRegion() {
    return new ClusterShape(List.of(), 0, "user", 3);
  }

  /** The keys to cut at, sorted. */
  List<Bytes> keys() {
    return splitEven > 0 ? SplitKeys.evenly(splitEven, keyPrefix) : SplitKeys.of(splitKeys);
  }

  /** As lines of a properties file with the options' names. */
  String encode() {
    String cut = splitEven > 0
        ? "split-even=" + splitEven + "\nkey-prefix=" + escape(keyPrefix) + "\n"
        : splitKeys.isEmpty() ? "" : "split-keys=" + escape(String.join(",", splitKeys)) + "\n";
    return cut + "replicas=" + replicas + "\n";
  }

  /** What java.util.Properties would read as something else. */
  private static String escape(String text) {
    StringBuilder escaped = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\' || c == ' ' || c == '#' || c == '!' || c == '=' || c == ':') {
        escaped.append('\\').append(c);
      } else if (c < 0x20 || c > 0x7e) {
        escaped.append(String.format("\\u%04x", (int) c));
      } else {
        escaped.append(c);
      }
    }
    return escaped.toString();
  }

  static ClusterShape decode(Properties fields) {
    String keys = fields.getProperty("split-keys", "");
    return new ClusterShape(
        keys.isEmpty() ? List.of() : Arrays.asList(keys.split(",", -1)),
        Integer.parseInt(fields.getProperty("split-even", "0")),
        fields.getProperty("key-prefix", "user"),
        Integer.parseInt(fields.getProperty("replicas", "3")));
  }
}
