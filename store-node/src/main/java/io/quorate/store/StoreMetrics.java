package io.quorate.store;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quorate.region.host.StoreEngine;

/** Binds the meters of a store that are none of its parts'. Owner: {@link StoreNode}. Any thread. */
final class StoreMetrics {
  private StoreMetrics() {}

  static void bind(
      MeterRegistry registry, StoreEngine engine, ExchangeService exchange, WatchService watches) {
    Gauge.builder("quorate.store.regions", engine, store -> store.regions().size())
        .description("replicas of regions here")
        .register(registry);
    Gauge.builder("quorate.store.regions.led", engine, store -> store.led().size())
        .description("replicas that lead their regions")
        .register(registry);
    Gauge.builder("quorate.store.revision", engine, StoreEngine::highestRevision)
        .description("highest revision seen")
        .register(registry);
    Gauge.builder("quorate.store.streams", exchange, ExchangeService::openStreams)
        .description("clients connected")
        .register(registry);
    Gauge.builder("quorate.watch.streams", watches, WatchService::openStreams)
        .description("clients that watch")
        .register(registry);
    Gauge.builder("quorate.store.requests.queued", exchange, ExchangeService::queuedRequestBytes)
        .baseUnit("bytes")
        .description("requests in work")
        .register(registry);
    Gauge.builder(
            "quorate.transaction.locks",
            engine,
            store ->
                store.led().stream().mapToInt(region -> region.txns().open()).sum())
        .description("locks of transactions over several regions, in regions that are led here")
        .register(registry);
    Gauge.builder(
            "quorate.transaction.lock.age.oldest",
            engine,
            store -> store.led().stream()
                .mapToLong(region -> region.txns().oldest())
                .max()
                .orElse(0))
        .baseUnit("milliseconds")
        .description("of the lock that stands longest")
        .register(registry);
  }
}
