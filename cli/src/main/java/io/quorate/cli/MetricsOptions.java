package io.quorate.cli;

import io.micrometer.core.instrument.MeterRegistry;
import io.quorate.store.ListenAddress;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Whether and where a process shows its meters. Filled in by picocli. */
final class MetricsOptions {
  @Option(
      names = "--metrics-listen",
      paramLabel = "HOST:PORT",
      description =
          "Serves /metrics (Prometheus) and /health over plain HTTP; keep it inside. Default: not at all.")
  private @Nullable String listen;

  /**
   * Starts a process's parts with a registry for their meters, shown where the option says.
   *
   * @param failure completes with the reason once the node cannot go on
   * @param detail what is wrong although it can; empty if nothing is
   */
  <T extends AutoCloseable> Observed<T> start(
      Function<MeterRegistry, T> start,
      Function<T, CompletableFuture<String>> failure,
      Function<T, String> detail) {
    return Observed.start(
        listen == null ? null : ListenAddress.parse(listen), start, failure, detail);
  }
}
