package io.quorate.cli;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quorate.store.ListenAddress;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A running node and, if there is one, the port that shows its meters; they end together. Owned by {@link ProcessLoop}.
 *
 * @param metrics outlives the node, to say that it stops
 */
record Observed<T extends AutoCloseable>(T node, Optional<MetricsHost> metrics)
    implements AutoCloseable {
  static <T extends AutoCloseable> Observed<T> start(
      @Nullable ListenAddress listen,
      Function<MeterRegistry, T> start,
      Function<T, CompletableFuture<String>> failure,
      Function<T, String> detail) {
    if (listen == null) {
      return new Observed<>(start.apply(new SimpleMeterRegistry()), Optional.empty());
    }
    MetricsHost metrics = MetricsHost.listen(listen);
    try {
      T node = start.apply(metrics.registry());
      metrics.healthy(() -> detail.apply(node));
      var unused = failure.apply(node).thenAccept(metrics::unhealthy);
      return new Observed<>(node, Optional.of(metrics));
    } catch (RuntimeException e) {
      metrics.close();
      throw e;
    }
  }

  /** For the line that says what serves where. */
  String metricsText() {
    return metrics.map(host -> ", metrics on " + host.address()).orElse("");
  }

  @Override
  public void close() {
    metrics.ifPresent(host -> host.unhealthy("stopping"));
    try {
      node.close();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    } finally {
      metrics.ifPresent(MetricsHost::close);
    }
  }
}
