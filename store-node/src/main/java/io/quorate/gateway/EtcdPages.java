package io.quorate.gateway;

import com.google.gson.JsonPrimitive;
import io.quorate.client.QuorateClient;
import io.quorate.gateway.http.HttpPages;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The pages that etcd has beside its methods (etcd server/etcdserver/api/etcdhttp). Owned by a gateway; any thread.
 *
 * <p>Healthy is a process through which a revision can be had, that is, which reaches a leading placement driver.
 */
final class EtcdPages implements HttpPages {
  private static final String JSON = "application/json";
  private static final String TEXT = "text/plain; charset=utf-8";
  private static final int OK = 200;
  private static final int UNAVAILABLE = 503;

  /** A probe waits no longer. */
  private static final Duration HEALTH_WAIT = Duration.ofSeconds(2);

  private static final String VERSION = "{\"etcdserver\":\"" + MaintenanceService.VERSION
      + "\",\"etcdcluster\":\"" + MaintenanceService.VERSION + "\"}";

  private final QuorateClient client;
  private final Supplier<String> trouble;
  private final Optional<Supplier<String>> metrics;

  EtcdPages(QuorateClient client, Supplier<String> trouble, Optional<Supplier<String>> metrics) {
    this.client = client;
    this.trouble = trouble;
    this.metrics = metrics;
  }

  @Override
  public Optional<CompletableFuture<Page>> find(String path) {
    return switch (path) {
      case "/version" -> now(new Page(OK, JSON, VERSION));
      case "/health" -> Optional.of(health().thenApply(EtcdPages::report));
      case "/readyz" -> Optional.of(health().thenApply(EtcdPages::word));
      case "/livez" -> now(new Page(OK, TEXT, "ok"));
      case "/metrics" ->
        metrics.flatMap(text -> now(new Page(OK, "text/plain; version=0.0.4", text.get())));
      default -> Optional.empty();
    };
  }

  private static Optional<CompletableFuture<Page>> now(Page page) {
    return Optional.of(CompletableFuture.completedFuture(page));
  }

  /** What is wrong; empty if nothing is. */
  private CompletableFuture<String> health() {
    String wrong = trouble.get();
    if (!wrong.isEmpty()) {
      return CompletableFuture.completedFuture(wrong);
    }
    return client
        .placement()
        .oracle()
        .current()
        .orTimeout(HEALTH_WAIT.toMillis(), TimeUnit.MILLISECONDS)
        .handle((state, failure) -> failure == null ? "" : "no placement driver leads");
  }

  private static Page report(String wrong) {
    return wrong.isEmpty()
        ? new Page(OK, JSON, "{\"health\":\"true\",\"reason\":\"\"}")
        : new Page(
            UNAVAILABLE,
            JSON,
            "{\"health\":\"false\",\"reason\":" + new JsonPrimitive(wrong) + "}");
  }

  private static Page word(String wrong) {
    return wrong.isEmpty() ? new Page(OK, TEXT, "ok") : new Page(UNAVAILABLE, TEXT, wrong);
  }
}
