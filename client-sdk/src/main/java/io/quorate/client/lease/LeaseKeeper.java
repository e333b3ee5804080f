package io.quorate.client.lease;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.proto.LeaseKeepAliveRequest;
import io.quorate.proto.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a client's leases alive: those of one region in one message, many regions of a store in one batch. A lease it keeps
 * either lives, or its future says why not: nothing ends silently. Owned by the client's {@link LeaseClient}; any thread.
 */
final class LeaseKeeper {
  private static final long TICK_MILLIS = 50;
  /** Leases in one message. */
  private static final int MAX_IDS = 1000;
  /** Leases that one look takes up. */
  private static final int MAX_DUE = 20_000;

  private static final Duration MIN_PATIENCE = Duration.ofMillis(300);
  private static final Duration MAX_PATIENCE = Duration.ofSeconds(3);

  private final LeaseCalls calls;
  private final KeepBook book = new KeepBook();
  private final Map<Long, CompletableFuture<LeaseLoss>> told = new ConcurrentHashMap<>();
  private @Nullable ScheduledFuture<?> ticks;
  private boolean closed;

  LeaseKeeper(LeaseCalls calls) {
    this.calls = calls;
  }

  /** Keeps a lease alive that was granted or last kept alive by a request sent at the time. */
  synchronized CompletableFuture<LeaseLoss> keep(long id, long ttlSeconds, long sentAt) {
    if (closed) {
      return CompletableFuture.completedFuture(LeaseLoss.CLOSED);
    }
    CompletableFuture<LeaseLoss> known = told.get(id);
    if (known != null) {
      return known;
    }
    CompletableFuture<LeaseLoss> lost = new CompletableFuture<>();
    told.put(id, lost);
    book.add(id, ttlSeconds, sentAt);
    if (ticks == null) {
      ticks = calls
          .timers()
          .scheduleWithFixedDelay(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }
    return lost;
  }

  /** Keeps the lease alive no more. */
  void stop(long id, LeaseLoss why) {
    synchronized (this) {
      book.remove(id);
    }
    tell(id, why);
  }

  /** Nanoseconds for which the lease is still proven to live; 0 if it is not kept, or no longer proven. */
  synchronized long provenNanos(long id) {
    Long until = book.provenUntil(id);
    return until == null ? 0 : Math.max(0, until - System.nanoTime());
  }

  private void tell(long id, LeaseLoss why) {
    CompletableFuture<LeaseLoss> lost = told.remove(id);
    if (lost == null) {
      return;
    }
    try {
      calls.callbacks().execute(() -> lost.complete(why));
    } catch (RejectedExecutionException e) {
      // The client is closing: its own thread tells.
      lost.complete(why);
    }
  }

  private void tick() {
    KeepBook.Due due;
    synchronized (this) {
      due = book.due(System.nanoTime(), MAX_DUE);
    }
    due.unproven().forEach(id -> tell(id, LeaseLoss.UNPROVEN));
    Map<Object, List<Long>> byRegion = new HashMap<>();
    for (long id : due.ask()) {
      byRegion
          .computeIfAbsent(calls.regionOf(LeaseKeys.of(id)), region -> new ArrayList<>())
          .add(id);
    }
    for (List<Long> ids : byRegion.values()) {
      ids.sort(Long::compareUnsigned);
      for (int from = 0; from < ids.size(); from += MAX_IDS) {
        send(ids.subList(from, Math.min(ids.size(), from + MAX_IDS)));
      }
    }
  }

  private void send(List<Long> ids) {
    long sentAt = System.nanoTime();
    long patience = MAX_PATIENCE.toNanos();
    synchronized (this) {
      for (long id : ids) {
        Long until = book.provenUntil(id);
        patience = until == null ? patience : Math.min(patience, (until - sentAt) / 2);
      }
    }
    var unused = calls
        .call(ask(ids), Duration.ofNanos(Math.max(MIN_PATIENCE.toNanos(), patience)))
        .whenComplete((ttls, failure) -> heard(ids, ttls, sentAt));
  }

  static LeaseCalls.Ask<List<Long>> ask(List<Long> ids) {
    LeaseKeepAliveRequest body =
        LeaseKeepAliveRequest.newBuilder().addAllIds(ids).build();
    Bytes first = LeaseKeys.of(ids.get(0));
    Bytes last = LeaseKeys.of(ids.get(ids.size() - 1));
    return new LeaseCalls.Ask<>(
        first,
        KeyRange.of(first, last.next()),
        false,
        body.getSerializedSize(),
        request -> request.setLeaseKeepAlive(body),
        Response.BodyCase.LEASE_KEEP_ALIVE,
        response -> response.getLeaseKeepAlive().getTtlsList());
  }

  private void heard(List<Long> ids, @Nullable List<Long> ttls, long sentAt) {
    List<Long> gone = new ArrayList<>(0);
    synchronized (this) {
      long now = System.nanoTime();
      for (int i = 0; i < ids.size(); i++) {
        long ttl = ttls == null || ttls.size() != ids.size() ? -1 : ttls.get(i);
        if (ttl > 0) {
          book.renewed(ids.get(i), ttl, sentAt);
        } else if (ttl < 0) {
          book.unanswered(ids.get(i), now);
        } else if (book.remove(ids.get(i))) {
          gone.add(ids.get(i));
        }
      }
    }
    gone.forEach(id -> tell(id, LeaseLoss.GONE));
  }

  /** Keeps nothing alive any more, and says so. */
  void close() {
    List<Long> all;
    synchronized (this) {
      closed = true;
      all = book.all();
      all.forEach(book::remove);
      if (ticks != null) {
        ticks.cancel(false);
      }
    }
    all.forEach(id -> tell(id, LeaseLoss.CLOSED));
  }
}
