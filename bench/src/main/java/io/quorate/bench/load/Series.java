package io.quorate.bench.load;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/**
 * How a long load went, second by second and minute by minute, as lines of JSON. Owned by one command, whose thread calls {@link
 * #tick} once a second; answers are noted by any thread.
 */
final class Series implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int SECONDS_PER_MINUTE = 60;

  private final PrintWriter out;
  private final Recorder recorder = new Recorder(3);
  private final AtomicLong failures = new AtomicLong();
  private final Histogram minute = new Histogram(3);
  private final List<Long> minuteP99Micros = new ArrayList<>();
  private long seconds;
  private long silentSeconds;
  private long failuresBefore;
  private long operations;

  Series(Path file) throws IOException {
    out = new PrintWriter(Files.newBufferedWriter(file));
  }

  void done(long nanos) {
    recorder.recordValue(nanos);
  }

  void failed() {
    failures.incrementAndGet();
  }

  /** A second is over. */
  void tick() {
    Histogram second = recorder.getIntervalHistogram();
    seconds++;
    operations += second.getTotalCount();
    if (second.getTotalCount() == 0) {
      silentSeconds++;
    }
    minute.add(second);
    line("second", seconds, second);
    if (seconds % SECONDS_PER_MINUTE == 0) {
      minuteP99Micros.add(minute.getValueAtPercentile(99) / 1000);
      line("minute", seconds / SECONDS_PER_MINUTE, minute);
      minute.reset();
    }
  }

  private void line(String unit, long number, Histogram span) {
    long failed = failures.get();
    ObjectNode line = JSON.createObjectNode();
    line.put(unit, number).put("ops", span.getTotalCount());
    if (unit.equals("second")) {
      line.put("errors", failed - failuresBefore);
      failuresBefore = failed;
    }
    line.put("p50us", span.getValueAtPercentile(50) / 1000);
    line.put("p99us", span.getValueAtPercentile(99) / 1000);
    line.put("maxUs", span.getMaxValue() / 1000);
    out.println(line);
    out.flush();
  }

  /** All of it: full minutes' p99s, the worst beside the median of them, errors, seconds without an answer. */
  String summary() {
    List<Long> sorted = minuteP99Micros.stream().sorted().toList();
    long median = sorted.isEmpty() ? 0 : sorted.get(sorted.size() / 2);
    long worst = sorted.isEmpty() ? 0 : sorted.get(sorted.size() - 1);
    ObjectNode line = JSON.createObjectNode();
    line.put("operations", operations).put("seconds", seconds).put("errors", failures.get());
    line.put("secondsWithoutSuccess", silentSeconds).put("minutes", sorted.size());
    line.put("minuteP99MedianUs", median).put("minuteP99WorstUs", worst);
    line.put("worstByMedian", median == 0 ? 0 : Math.round(100.0 * worst / median) / 100.0);
    return line.toString();
  }

  @Override
  public void close() {
    out.close();
  }
}
