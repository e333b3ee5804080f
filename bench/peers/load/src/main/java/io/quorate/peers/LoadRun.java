package io.quorate.peers;

import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/** A whole run against one peer: wait until it serves, load it, print one line. Main thread. */
public final class LoadRun {
  private static final int PROBES = 16;
  private static final long PROBE_SECONDS = 5;
  private static final long PROBE_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final String system;
  private final KeyValueClient client;
  private final LoadOptions options;
  private final ResultOutput output;
  private final KeySpace keys;

  /** A run of these options against the named system. */
  public LoadRun(String system, KeyValueClient client, LoadOptions options, ResultOutput output) {
    this.system = system;
    this.client = client;
    this.options = options;
    this.output = output;
    this.keys = new KeySpace(options.keys, options.valueBytes);
  }

  /** Runs it, and returns the process's exit code. */
  public int run() throws InterruptedException {
    awaitReady();
    ClosedLoop.Result result = new ClosedLoop(client, options, keys).run();
    output.print(line(result));
    if (result.misses() > 0) {
      System.err.println(
          result.misses() + " reads found no value or another key's; was --op LOAD run before?");
      return 1;
    }
    return 0;
  }

  /** Writes keys from all over the space until each was accepted, so that all ranges have a leader. */
  private void awaitReady() throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(options.readySeconds);
    int stride = Math.max(1, keys.size() / PROBES);
    for (int index = 0; index < keys.size(); index += stride) {
      Throwable failure = probe(index);
      while (failure != null) {
        if (System.nanoTime() > deadline) {
          throw new IllegalStateException(
              "not ready after " + options.readySeconds + " s", failure);
        }
        LockSupport.parkNanos(PROBE_PAUSE_NANOS);
        failure = probe(index);
      }
    }
  }

  private Throwable probe(int index) throws InterruptedException {
    try {
      client.put(keys.key(index), keys.value(index)).get(PROBE_SECONDS, TimeUnit.SECONDS);
      return null;
    } catch (ExecutionException | TimeoutException | RuntimeException e) {
      return e;
    }
  }

  private JsonLine line(ClosedLoop.Result result) {
    long ops = result.latencies().getTotalCount();
    boolean observed = !options.pids.isEmpty();
    return new JsonLine()
        .with("system", system)
        .with("op", options.operation.name().toLowerCase(Locale.ROOT))
        .with("mode", options.mode.name().toLowerCase(Locale.ROOT))
        .with("clients", options.clients)
        .with("ops", ops)
        .with("seconds", result.seconds())
        .with("opsPerSecond", ops / result.seconds())
        .with("p50us", result.latencies().getValueAtPercentile(50) / 1e3)
        .with("p99us", result.latencies().getValueAtPercentile(99) / 1e3)
        .with("maxUs", result.latencies().getMaxValue() / 1e3)
        .with("serverCpuMsPerOp", observed ? result.serverCpuMillis() / ops : Double.NaN)
        .with("clientCpuMsPerOp", result.clientCpuMillis() / ops)
        .with("rssMb", observed ? result.serverRssMb() : Double.NaN)
        .with("errors", result.errors())
        .with("misses", result.misses());
  }
}
