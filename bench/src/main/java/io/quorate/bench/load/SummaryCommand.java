package io.quorate.bench.load;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code quorate bench summary}: medians over the rounds of a comparison, and each system beside ours. */
@Command(
    name = "summary",
    description =
        "Reads the JSON lines of bench/compare and prints medians over its rounds as a Markdown table.",
    mixinStandardHelpOptions = true)
public final class SummaryCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Parameters(paramLabel = "FILE", description = "JSON lines, one per run.")
  Path file = Path.of("");

  @Option(
      names = "--against",
      defaultValue = "quorate",
      description = "Whom to compare with (default ${DEFAULT-VALUE}).")
  String ours = "";

  /** What is compared with what: the same operation by as many clients. */
  private record Setting(String operation, int clients, String system)
      implements Comparable<Setting> {
    @Override
    public int compareTo(Setting other) {
      int order = operation.compareTo(other.operation);
      order = order != 0 ? order : Integer.compare(clients, other.clients);
      return order != 0 ? order : system.compareTo(other.system);
    }

    Setting of(String another) {
      return new Setting(operation, clients, another);
    }
  }

  @Override
  public Integer call() throws Exception {
    Map<Setting, List<JsonNode>> runs = new TreeMap<>(read());
    System.out.println(
        "| op | clients | system | ops/s | ours ÷ its | p50 ms | p99 ms | server CPU ms/op | RSS MB | errors | rounds |");
    System.out.println("|---|---|---|---|---|---|---|---|---|---|---|");
    runs.forEach((setting, lines) -> System.out.println(row(setting, lines, runs)));
    return 0;
  }

  private Map<Setting, List<JsonNode>> read() throws Exception {
    return Files.readAllLines(file).stream()
        .filter(line -> line.startsWith("{"))
        .map(SummaryCommand::parsed)
        .collect(Collectors.groupingBy(line -> new Setting(
            line.path("op").asText(),
            line.path("clients").asInt(),
            line.path("system").asText())));
  }

  private static JsonNode parsed(String line) {
    try {
      return JSON.readTree(line);
    } catch (com.fasterxml.jackson.core.JsonProcessingException broken) {
      throw new IllegalArgumentException("not a JSON line: " + line, broken);
    }
  }

  private String row(Setting setting, List<JsonNode> lines, Map<Setting, List<JsonNode>> runs) {
    double rate = median(lines, "opsPerSecond");
    double own = median(runs.getOrDefault(setting.of(ours), List.of()), "opsPerSecond");
    return String.format(
        Locale.ROOT,
        "| %s | %d | %s | %.0f | %s | %.2f | %.2f | %.4f | %.0f | %.0f | %d |",
        setting.operation(),
        setting.clients(),
        setting.system(),
        rate,
        setting.system().equals(ours) ? "" : String.format(Locale.ROOT, "%.2f", own / rate),
        median(lines, "p50us") / 1000,
        median(lines, "p99us") / 1000,
        median(lines, "serverCpuMsPerOp"),
        median(lines, "rssMb"),
        lines.stream().mapToDouble(line -> line.path("errors").asDouble()).sum(),
        lines.size());
  }

  private static double median(List<JsonNode> lines, String field) {
    double[] values =
        lines.stream().mapToDouble(line -> line.path(field).asDouble()).sorted().toArray();
    if (values.length == 0) {
      return Double.NaN;
    }
    int middle = values.length / 2;
    return values.length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
  }
}
