package io.quorate.client;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.quorate.client.retry.Decision;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What a client counts: requests with latency by kind and outcome, retries, repeats of writes that may have been done, route lookups. */
final class ClientMetrics {
  private final boolean enabled;
  private final Map<OpKind, Timer> done = new EnumMap<>(OpKind.class);
  private final Map<OpKind, Timer> failed = new EnumMap<>(OpKind.class);
  private final @Nullable Counter retries;
  private final @Nullable Counter repeats;
  private final @Nullable Counter lookups;

  ClientMetrics(Optional<MeterRegistry> registry) {
    enabled = registry.isPresent();
    if (registry.isEmpty()) {
      retries = null;
      repeats = null;
      lookups = null;
      return;
    }
    MeterRegistry meters = registry.get();
    for (OpKind kind : OpKind.values()) {
      done.put(kind, timer(meters, kind, "done"));
      failed.put(kind, timer(meters, kind, "failed"));
    }
    retries = meters.counter("quorate.client.retries");
    repeats = meters.counter("quorate.client.repeats");
    lookups = meters.counter("quorate.client.route.lookups");
  }

  private static Timer timer(MeterRegistry meters, OpKind kind, String outcome) {
    return meters.timer("quorate.client.requests", "op", kind.tag(), "outcome", outcome);
  }

  void finished(OpKind kind, long startNanos, @Nullable QuorateException error) {
    Timer timer = enabled ? (error == null ? done : failed).get(kind) : null;
    if (timer != null) {
      timer.record(System.nanoTime() - startNanos, TimeUnit.NANOSECONDS);
    }
  }

  /**
   * An attempt failed.
   *
   * @param doubtful it is of a write that may have been done
   */
  void decided(Decision decision, boolean doubtful) {
    if (retries != null && repeats != null && decision instanceof Decision.Retry) {
      retries.increment();
      if (doubtful) {
        repeats.increment();
      }
    }
  }

  void lookedUp() {
    if (lookups != null) {
      lookups.increment();
    }
  }
}
