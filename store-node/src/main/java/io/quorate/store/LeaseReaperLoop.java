package io.quorate.store;

import io.quorate.client.QuorateClient;
import io.quorate.model.KeyRange;
import io.quorate.region.host.RegionHost;
import io.quorate.region.host.StoreEngine;
import io.quorate.region.lease.LeaseHome;
import io.quorate.region.lease.LeaseHomes;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out the revocations of leases whose homes this store leads: has their keys deleted in all regions where some may be,
 * then lets the home drop them. Whoever leads the home next begins anew; every step may come twice. Reaches other regions as a
 * client does, which is opened when first needed.
 *
 * <p>Owner: {@link StoreNode}. Thread: one of its own; a wake-up may come from any.
 */
final class LeaseReaperLoop implements LeaseHomes, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LeaseReaperLoop.class);
  private static final int CLOSE_SECONDS = 5;
  /** Revocations under way at a time. */
  private static final int MAX_RUNNING = 256;
  /** A look at the regions beside those after a wake-up. */
  private static final Duration LOOK_EVERY = Duration.ofMillis(250);
  /** Before a revocation is begun again that failed, or whose end does not show. */
  private static final Duration PAUSE = Duration.ofMillis(500);
  /** Of one request to a region. */
  private static final Duration TIMEOUT = Duration.ofSeconds(3);

  private final StoreEngine engine;
  private final Supplier<QuorateClient> opener;
  private final ScheduledExecutorService thread;
  private final AtomicBoolean woken = new AtomicBoolean();
  private @Nullable QuorateClient client;
  private boolean closed;

  // Confined to the thread.
  private final Set<Identity> running = new HashSet<>();
  private final Map<Identity, Long> pausedUntil = new HashMap<>();

  /** A lease, once for all. */
  private record Identity(long id, long grantRevision) {}

  LeaseReaperLoop(StoreEngine engine, Supplier<QuorateClient> opener) {
    this.engine = engine;
    this.opener = opener;
    this.thread = Executors.newSingleThreadScheduledExecutor(runnable -> {
      Thread leases = new Thread(runnable, "store-" + engine.self() + "-leases");
      leases.setDaemon(true);
      return leases;
    });
  }

  void start() {
    engine.leases().connect(this, this::wake);
    var unused = thread.scheduleWithFixedDelay(
        this::lookGuarded, LOOK_EVERY.toNanos(), LOOK_EVERY.toNanos(), TimeUnit.NANOSECONDS);
  }

  private void wake() {
    if (woken.compareAndSet(false, true)) {
      run(() -> {
        woken.set(false);
        lookGuarded();
      });
    }
  }

  private void run(Runnable task) {
    try {
      thread.execute(task);
    } catch (RejectedExecutionException e) {
      LOG.debug("the store stops: revocations go on elsewhere");
    }
  }

  /** Opened when first asked for; any thread. */
  synchronized QuorateClient client() {
    if (closed) {
      throw new IllegalStateException("the store stops");
    }
    QuorateClient open = client;
    if (open == null) {
      open = opener.get();
      client = open;
    }
    return open;
  }

  private void lookGuarded() {
    try {
      look();
    } catch (RuntimeException e) {
      // The top of the thread: one bad look must not end all later ones.
      LOG.error("a look at the leases failed", e);
    }
  }

  private void look() {
    long now = System.nanoTime();
    Set<Identity> seen = new HashSet<>();
    for (RegionHost region : engine.led()) {
      for (LeaseHome lease : region.revoking()) {
        Identity identity = new Identity(lease.id(), lease.grantRevision());
        seen.add(identity);
        Long until = pausedUntil.get(identity);
        boolean waits = until != null && now - until < 0;
        if (!waits && !running.contains(identity) && running.size() < MAX_RUNNING) {
          begin(region, lease, identity);
        }
      }
    }
    pausedUntil.keySet().retainAll(seen);
  }

  private void begin(RegionHost home, LeaseHome lease, Identity identity) {
    running.add(identity);
    var unused = client()
        .leasePeers()
        .strip(lease.id(), lease.grantRevision(), lease.ranges().ranges(), TIMEOUT)
        .whenComplete((deleted, failure) -> run(() -> {
          boolean full = running.size() == MAX_RUNNING;
          running.remove(identity);
          pausedUntil.put(identity, System.nanoTime() + PAUSE.toNanos());
          if (failure == null) {
            home.finishRevoke(lease.id(), lease.grantRevision());
          } else {
            LOG.info(
                "lease={} keys are not all deleted yet, trying again: {}",
                Long.toHexString(lease.id()),
                String.valueOf(failure.getMessage()));
          }
          if (full) {
            lookGuarded();
          }
        }));
  }

  @Override
  public CompletableFuture<Optional<Registered>> register(long lease, KeyRange range) {
    // Opening the client may take a moment, and it is asked on a region's thread.
    CompletableFuture<Optional<Registered>> done = new CompletableFuture<>();
    try {
      thread.execute(() -> register(lease, range, done));
    } catch (RejectedExecutionException e) {
      done.completeExceptionally(e);
    }
    return done;
  }

  private void register(long lease, KeyRange range, CompletableFuture<Optional<Registered>> done) {
    try {
      var unused = client()
          .leasePeers()
          .register(lease, range, TIMEOUT)
          .whenComplete((found, failure) -> {
            if (failure == null) {
              done.complete(found.map(known ->
                  new Registered(known.grantRevision(), known.homeRevision(), known.range())));
            } else {
              done.completeExceptionally(failure);
            }
          });
    } catch (RuntimeException e) {
      // Told to whoever asked; this thread goes on.
      done.completeExceptionally(e);
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
    QuorateClient open;
    synchronized (this) {
      closed = true;
      open = client;
    }
    if (open != null) {
      open.close();
    }
    try {
      if (!thread.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn("a look at the leases is still in work after {} s", CLOSE_SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
