package io.quorate.bench.watch;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quorate.bench.load.ProcessCost;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/**
 * One measured run.
 *
 * @param inFlight puts under way at a time
 * @param events told to all watchers together
 * @param errors puts that failed
 * @param latency from the sending of a put to each watcher's event, in nanoseconds
 * @param servers what the server processes used meanwhile
 * @param serverBytesPerWatcher by which the servers grew when the watches were opened, each: pages, so only many show
 * @param clientBytesPerWatcher by which this process's live heap grew, each
 */
record FanOutResult(
    int watchers,
    int inFlight,
    long events,
    long errors,
    double seconds,
    Histogram latency,
    ProcessCost servers,
    long serverBytesPerWatcher,
    long clientBytesPerWatcher) {
  private static final ObjectMapper JSON = new ObjectMapper();

  private double cpuMicrosPerEvent() {
    return events == 0 ? 0 : servers.cpuMillis() * 1000.0 / events;
  }

  String toJson() {
    ObjectNode line = JSON.createObjectNode();
    line.put("watchers", watchers).put("inFlight", inFlight);
    line.put("events", events).put("errors", errors).put("seconds", seconds);
    line.put("eventsPerSecond", Math.round(events / seconds));
    line.put("p50us", latency.getValueAtPercentile(50) / 1000);
    line.put("p99us", latency.getValueAtPercentile(99) / 1000);
    line.put("maxUs", latency.getMaxValue() / 1000);
    line.put("serverCpuUsPerEvent", Math.round(cpuMicrosPerEvent() * 100) / 100.0);
    line.put("serverBytesPerIdleWatcher", serverBytesPerWatcher);
    line.put("clientBytesPerIdleWatcher", clientBytesPerWatcher);
    return line.toString();
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%6d watchers  %9.0f events/s  p50 %8.2f ms  p99 %8.2f ms  %6.2f us server CPU/event  idle %d B server, %d B client  %d errors",
        watchers,
        events / seconds,
        latency.getValueAtPercentile(50) / 1e6,
        latency.getValueAtPercentile(99) / 1e6,
        cpuMicrosPerEvent(),
        serverBytesPerWatcher,
        clientBytesPerWatcher,
        errors);
  }
}
