package io.quorate.store;

import io.quorate.client.QuorateClient;
import io.quorate.client.txn.TransactionId;
import io.quorate.region.host.RegionHost;
import io.quorate.region.host.StoreEngine;
import io.quorate.region.host.TxnLoop;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to transactions over several regions whose coordinators are gone: what stands longer than its time to live in regions that
 * this store leads is asked about at its primary, and cleared wherever it lies, though nobody else ever meets it. Decides nothing; every
 * step may come twice, and from several stores. Reaches other regions as a client does.
 *
 * <p>Owner: {@link StoreNode}. Thread: one of its own.
 */
final class LockReaperLoop implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LockReaperLoop.class);
  private static final int CLOSE_SECONDS = 5;
  /** Transactions that are seen to at a time. */
  private static final int MAX_RUNNING = 64;

  private static final Duration LOOK_EVERY = Duration.ofMillis(250);
  /** Before a transaction is seen to again that lives, or could not be asked about. */
  private static final Duration PAUSE = Duration.ofMillis(500);
  /** For all that is asked about one transaction. */
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private final StoreEngine engine;
  private final Supplier<QuorateClient> client;
  private final ScheduledExecutorService thread;

  // Confined to the thread.
  private final Set<TransactionId> running = new HashSet<>();
  private final Map<TransactionId, Long> pausedUntil = new HashMap<>();

  /**
   * @param client opened when first asked for, and closed by its owner after this loop
   */
  LockReaperLoop(StoreEngine engine, Supplier<QuorateClient> client) {
    this.engine = engine;
    this.client = client;
    this.thread = Executors.newSingleThreadScheduledExecutor(runnable -> {
      Thread locks = new Thread(runnable, "store-" + engine.self() + "-locks");
      locks.setDaemon(true);
      return locks;
    });
  }

  void start() {
    var unused = thread.scheduleWithFixedDelay(
        this::lookGuarded, LOOK_EVERY.toNanos(), LOOK_EVERY.toNanos(), TimeUnit.NANOSECONDS);
  }

  private void lookGuarded() {
    try {
      look(System.nanoTime());
    } catch (RuntimeException e) {
      // The top of the thread: one bad look must not end all later ones.
      LOG.error("a look at the locks failed", e);
    }
  }

  private void look(long now) {
    pausedUntil.values().removeIf(until -> now - until >= 0);
    for (RegionHost region : engine.led()) {
      for (TxnLoop.Overdue one : region.txns().overdue(MAX_RUNNING)) {
        TransactionId id = new TransactionId(one.txn().toBytes(), one.start(), one.primary());
        if (running.size() < MAX_RUNNING && !pausedUntil.containsKey(id) && running.add(id)) {
          clear(id, one);
        }
      }
    }
  }

  private void clear(TransactionId id, TxnLoop.Overdue one) {
    var unused = client
        .get()
        .lockResolver()
        .clear(id, one.ranges(), one.old(), System.nanoTime() + TIMEOUT.toNanos())
        .whenComplete((cleared, failure) -> run(() -> {
          running.remove(id);
          pausedUntil.put(id, System.nanoTime() + PAUSE.toNanos());
          if (failure != null) {
            LOG.info(
                "transaction={} cannot be seen to yet, trying again: {}",
                id,
                String.valueOf(failure.getMessage()));
          } else if (cleared) {
            LOG.info("transaction={} was left by its coordinator and has been cleared", id);
          }
        }));
  }

  private void run(Runnable task) {
    try {
      thread.execute(task);
    } catch (RejectedExecutionException e) {
      LOG.debug("the store stops: others see to its locks");
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
    try {
      if (!thread.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn("a look at the locks is still in work after {} s", CLOSE_SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
