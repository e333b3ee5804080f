package io.quorate.bench.load;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/**
 * One measured run: the same line that bench/peers prints, so that runs can be set side by side.
 *
 * @param system what was measured
 * @param operation put or get
 * @param clients closed-loop threads
 * @param operations done in the measured time
 * @param errors failed in the measured time
 * @param seconds measured
 * @param latency of each operation, in nanoseconds
 * @param servers what the server processes used meanwhile
 */
public record LoadResult(
    String system,
    String operation,
    int clients,
    long operations,
    long errors,
    double seconds,
    Histogram latency,
    ProcessCost servers) {
  private static final ObjectMapper JSON = new ObjectMapper();

  public double perSecond() {
    return operations / seconds;
  }

  public String toJson() {
    ObjectNode line = JSON.createObjectNode();
    line.put("system", system).put("op", operation).put("clients", clients);
    line.put("ops", operations).put("errors", errors).put("seconds", rounded(seconds, 10));
    line.put("opsPerSecond", rounded(perSecond(), 1));
    line.put("p50us", latency.getValueAtPercentile(50) / 1000);
    line.put("p99us", latency.getValueAtPercentile(99) / 1000);
    line.put("maxUs", latency.getMaxValue() / 1000);
    line.put("serverCpuMsPerOp", rounded(cpuMillisPerOperation(), 10_000));
    line.put("rssMb", servers.residentBytes() >> 20);
    return line.toString();
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%-10s %-4s %4d clients  %8.0f ops/s  p50 %7.2f ms  p99 %7.2f ms  %6.4f ms server CPU/op  %5d MB  %d errors",
        system,
        operation,
        clients,
        perSecond(),
        latency.getValueAtPercentile(50) / 1e6,
        latency.getValueAtPercentile(99) / 1e6,
        cpuMillisPerOperation(),
        servers.residentBytes() >> 20,
        errors);
  }

  private double cpuMillisPerOperation() {
    return operations == 0 ? 0 : (double) servers.cpuMillis() / operations;
  }

  private static double rounded(double value, double scale) {
    return Math.round(value * scale) / scale;
  }
}
