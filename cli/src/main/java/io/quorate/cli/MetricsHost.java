package io.quorate.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.core.instrument.MeterRegistry;
import io.quorate.store.ListenAddress;
import java.io.IOException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A process's meters over HTTP: {@code /metrics} as Prometheus reads them, {@code /health} as etcd answers it. Owned by
 * {@link Observed}. Thread: two of its own; a caller beyond those that wait is turned away.
 */
final class MetricsHost implements AutoCloseable {
  private static final int THREADS = 2;
  private static final int WAITING_MAX = 16;
  private static final long CLOSE_SECONDS_MAX = 2;
  private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";
  private static final String JSON = "application/json";
  private static final String STARTING = "starting";

  private final ProcessMeters meters = new ProcessMeters();
  private final HttpServer server;
  private final ThreadPoolExecutor threads;
  private final String address;
  /** Null when all is well. */
  private volatile @Nullable String trouble = STARTING;

  private volatile Supplier<String> remark = () -> "";

  private MetricsHost(ListenAddress listen) throws IOException {
    server = HttpServer.create(listen.toSocketAddress(), WAITING_MAX);
    address = new ListenAddress(listen.host(), server.getAddress().getPort()).toString();
    AtomicInteger count = new AtomicInteger();
    threads = new ThreadPoolExecutor(
        THREADS, THREADS, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(WAITING_MAX), task -> {
          Thread thread = new Thread(task, "metrics-" + count.incrementAndGet());
          thread.setDaemon(true);
          return thread;
        });
    server.createContext(
        "/metrics",
        exchange -> answer(exchange, 200, PROMETHEUS, meters.registry().scrape()));
    server.createContext("/health", this::health);
    server.setExecutor(threads);
  }

  /**
   * Listens; not healthy yet.
   *
   * @throws CommandFailedException if the port cannot be had
   */
  static MetricsHost listen(ListenAddress address) {
    try {
      MetricsHost host = new MetricsHost(address);
      host.server.start();
      return host;
    } catch (IOException e) {
      throw new CommandFailedException(new Failure(
          "cannot listen on " + address + " (" + e.getMessage()
              + "): stop what uses the port, or choose another --metrics-listen",
          ExitCode.NOT_STARTED));
    }
  }

  MeterRegistry registry() {
    return meters.registry();
  }

  String address() {
    return address;
  }

  /**
   * @param detail what is to be said although all is well; asked at every call
   */
  void healthy(Supplier<String> detail) {
    remark = detail;
    trouble = null;
  }

  /** From now on the answer is why not. */
  void unhealthy(String reason) {
    trouble = reason;
  }

  private void health(HttpExchange exchange) throws IOException {
    String reason = trouble;
    if (reason == null) {
      answer(exchange, 200, JSON, health(true, remark.get()));
    } else {
      answer(exchange, 503, JSON, health(false, reason));
    }
  }

  private static String health(boolean healthy, String reason) {
    String quoted =
        reason.replace("\\", "\\\\").replace("\"", "\\\"").replaceAll("\\p{Cntrl}", " ");
    return "{\"health\":\"" + healthy + "\",\"reason\":\"" + quoted + "\"}";
  }

  private static void answer(HttpExchange exchange, int status, String type, String text)
      throws IOException {
    try (exchange) {
      byte[] body = text.getBytes(UTF_8);
      exchange.getResponseHeaders().set("Content-Type", type);
      boolean head = exchange.getRequestMethod().equals("HEAD");
      exchange.sendResponseHeaders(status, head || body.length == 0 ? -1 : body.length);
      if (!head) {
        exchange.getResponseBody().write(body);
      }
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
    try {
      threads.awaitTermination(CLOSE_SECONDS_MAX, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    meters.close();
  }
}
