package io.quorate.store;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quorate.gateway.EtcdGateway;
import io.quorate.region.host.StoreEngine;
import io.quorate.region.lease.StoreLeases;

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
    count(registry, engine, "kept.alive", StoreLeases.Count.KEPT_ALIVE, "keep-alives answered");
    count(registry, engine, "expired", StoreLeases.Count.EXPIRED, "leases found expired");
    count(registry, engine, "revoked", StoreLeases.Count.REVOKED, "revocations asked for");
    count(registry, engine, "ended", StoreLeases.Count.ENDED, "leases gone with all their keys");
    Gauge.builder(
            "quorate.lease.revoking",
            engine,
            store -> store.led().stream().mapToInt(one -> one.revoking().size()).sum())
        .description("leases that have ended and whose keys are still to go")
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

  static void bind(MeterRegistry registry, EtcdGateway gateway) {
    Gauge.builder("quorate.gateway.streams", gateway, EtcdGateway::openStreams)
        .description("streams of etcd's API, and calls that wait for their turn")
        .register(registry);
  }

  private static void count(
      MeterRegistry registry,
      StoreEngine engine,
      String name,
      StoreLeases.Count what,
      String words) {
    FunctionCounter.builder(
            "quorate.lease." + name, engine, store -> store.leases().counted(what))
        .description(words + ", of leases whose homes are led here")
        .register(registry);
  }
}
