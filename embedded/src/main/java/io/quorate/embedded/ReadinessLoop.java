package io.quorate.embedded;

import io.quorate.client.ClientConfig;
import io.quorate.client.Credentials;
import io.quorate.client.QuorateClient;
import io.quorate.client.QuorateException;
import io.quorate.client.placement.Located;
import io.quorate.client.placement.PlacementClient;
import io.quorate.client.placement.PlacementException;
import io.quorate.client.placement.RegionListing;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/** Waits until a cluster serves: every region answers a linearizable read. Thread: the caller's, which it blocks. */
public final class ReadinessLoop {
  private static final Duration LOOK_AGAIN = Duration.ofMillis(50);
  private static final Duration ATTEMPT = Duration.ofSeconds(2);

  private final String pdAddresses;
  private final Optional<Credentials> credentials;

  /**
   * @param pdAddresses host:port of placement drivers, separated by commas
   * @param credentials for a cluster that asks who somebody is
   */
  public ReadinessLoop(String pdAddresses, Optional<Credentials> credentials) {
    this.pdAddresses = pdAddresses;
    this.credentials = credentials;
  }

  /**
   * Returns as soon as the cluster serves.
   *
   * @throws NotServingException if it does not within the time; says why
   */
  public void await(Duration timeout) {
    await(timeout, () -> {});
  }

  /**
   * As {@link #await(Duration)}.
   *
   * @param check called before each look; may give up by throwing
   */
  public void await(Duration timeout, Runnable check) {
    long deadline = System.nanoTime() + timeout.toNanos();
    ClientConfig plain = ClientConfig.of(pdAddresses).withTimeouts(ATTEMPT, ATTEMPT.dividedBy(2));
    ClientConfig config = credentials.map(plain::withCredentials).orElse(plain);
    try (QuorateClient client = QuorateClient.open(config)) {
      while (true) {
        check.run();
        String missing = missing(client);
        if (missing.isEmpty()) {
          return;
        }
        if (System.nanoTime() - deadline >= 0) {
          throw new NotServingException(
              "the cluster does not serve after " + timeout.toSeconds() + " s: " + missing);
        }
        new CompletableFuture<Void>()
            .completeOnTimeout(null, LOOK_AGAIN.toMillis(), TimeUnit.MILLISECONDS)
            .join();
      }
    }
  }

  /** What keeps the cluster from serving; empty if nothing does. */
  private static String missing(QuorateClient client) {
    PlacementClient placement = client.placement();
    try {
      if (!placement.members().join().getBootstrapped()) {
        return "its first regions are not made yet: not enough stores have joined";
      }
      Bytes from = Bytes.EMPTY;
      while (true) {
        RegionListing page = placement.lookup(KeyRange.of(from, Bytes.EMPTY), 0).join();
        List<CompletableFuture<?>> reads = page.regions().stream()
            .<CompletableFuture<?>>map(region -> client.get(probe(region)))
            .toList();
        CompletableFuture.allOf(reads.toArray(CompletableFuture[]::new)).join();
        if (!page.more()) {
          return "";
        }
        from = page.regions().get(page.regions().size() - 1).region().range().end();
      }
    } catch (CompletionException e) {
      return whyNot(e.getCause() == null ? e : e.getCause());
    } catch (QuorateException e) {
      return whyNot(e);
    }
  }

  private static String whyNot(Throwable cause) {
    if (cause instanceof QuorateException || cause instanceof PlacementException) {
      return String.valueOf(cause.getMessage());
    }
    throw new IllegalStateException(cause);
  }

  /** A key of the region; the empty one is no key. */
  private static Bytes probe(Located region) {
    Bytes start = region.region().range().start();
    return start.isEmpty() ? Bytes.wrap(new byte[] {0}) : start;
  }
}
