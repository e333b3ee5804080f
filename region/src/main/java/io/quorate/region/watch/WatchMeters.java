package io.quorate.region.watch;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToDoubleFunction;

/** What is measured of watching on one store. Owned by the store's engine; any thread. */
final class WatchMeters {
  private final AtomicInteger watchers = new AtomicInteger();
  private final AtomicLong behind = new AtomicLong();
  private final Counter delivered;
  private final Counter overflows;
  private final Counter changesRead;
  private final Counter sweeps;

  WatchMeters(MeterRegistry metrics, Allowance store) {
    gauge(metrics, "quorate.watch.watchers", "watches open", watchers, AtomicInteger::get);
    gauge(
        metrics,
        "quorate.watch.behind",
        "watches that read from the disk",
        behind,
        AtomicLong::get);
    gauge(metrics, "quorate.watch.queued", "bytes of events that wait", store, Allowance::used);
    this.delivered = Counter.builder("quorate.watch.events")
        .description("events given to connections")
        .register(metrics);
    this.overflows = Counter.builder("quorate.watch.overflows")
        .description("queues dropped because their watcher was slow")
        .register(metrics);
    this.changesRead = Counter.builder("quorate.watch.changes.read")
        .description("noted changes looked at for watchers that catch up")
        .register(metrics);
    this.sweeps = Counter.builder("quorate.watch.sweeps")
        .description("sweeps through a range's data, for lack of its notes")
        .register(metrics);
  }

  private static <T> void gauge(
      MeterRegistry metrics, String name, String what, T of, ToDoubleFunction<T> value) {
    Gauge.builder(name, of, value).description(what).register(metrics);
  }

  void opened() {
    watchers.incrementAndGet();
  }

  void closed() {
    watchers.decrementAndGet();
  }

  void behind(int change) {
    behind.addAndGet(change);
  }

  void delivered(int events) {
    delivered.increment(events);
  }

  void overflowed() {
    overflows.increment();
  }

  void read(int changes) {
    changesRead.increment(changes);
  }

  void swept() {
    sweeps.increment();
  }
}
