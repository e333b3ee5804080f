package io.quorate.peers;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;

/** One flat JSON object in the order its fields were added. */
public final class JsonLine {
  private final Map<String, String> fields = new LinkedHashMap<>();

  /** Adds a text field. */
  public JsonLine with(String name, String value) {
    fields.put(name, '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"');
    return this;
  }

  /** Adds a whole number. */
  public JsonLine with(String name, long value) {
    fields.put(name, Long.toString(value));
    return this;
  }

  /** Adds a number to four decimals; what was not measured (NaN) becomes null. */
  public JsonLine with(String name, double value) {
    fields.put(
        name, Double.isFinite(value) ? Double.toString(Math.round(value * 1e4) / 1e4) : "null");
    return this;
  }

  @Override
  public String toString() {
    StringJoiner line = new StringJoiner(", ", "{", "}");
    fields.forEach((name, value) -> line.add('"' + name + "\": " + value));
    return line.toString();
  }
}
