package io.quorate.client.lease;

import io.quorate.client.OutcomeUnknownException;
import io.quorate.client.RefusedException;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Wire;
import io.quorate.proto.LeaseGrantRequest;
import io.quorate.proto.LeaseKeysRequest;
import io.quorate.proto.LeaseListRequest;
import io.quorate.proto.LeaseResponse;
import io.quorate.proto.LeaseRevokeRequest;
import io.quorate.proto.LeaseTimeToLiveRequest;
import io.quorate.proto.LeaseTimeToLiveResponse;
import io.quorate.proto.RefusalCode;
import io.quorate.proto.Response;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Leases: keys that live only as long as somebody says so. A lease may have keys in any regions. Any thread; futures complete
 * on the client's callback threads.
 */
public final class LeaseClient {
  private static final int PAGE = 5000;
  /** Draws of an id before it is given up: each that is in use is a coincidence beyond belief. */
  private static final int MAX_DRAWS = 5;

  private static final int SIZE = 32;
  private static final int RETRY_MILLIS = 20;

  private final LeaseCalls calls;
  private final LeaseKeeper keeper;
  private final SecureRandom random = new SecureRandom();

  /** Made by the client. */
  public LeaseClient(LeaseCalls calls) {
    this.calls = calls;
    this.keeper = new LeaseKeeper(calls);
  }

  LeaseKeeper keeper() {
    return keeper;
  }

  /**
   * Grants a lease with an id of the cluster's choice.
   *
   * @param ttlSeconds it lives at least so long after its grant and after each answered keep-alive; less than the stores'
   *     minimum (2 by default) is raised to it; more than 9,000,000,000 is refused as {@code LEASE_TTL_TOO_LARGE}
   */
  public CompletableFuture<Lease> grant(long ttlSeconds) {
    return publish(draw(ttlSeconds, 1));
  }

  private CompletableFuture<Lease> draw(long ttlSeconds, int draws) {
    long id;
    do {
      id = random.nextLong() & Long.MAX_VALUE;
    } while (id == 0);
    return Chain.of(
        send(id, ttlSeconds),
        CompletableFuture::completedFuture,
        failure -> draws < MAX_DRAWS && code(failure) == RefusalCode.LEASE_EXISTS
            ? draw(ttlSeconds, draws + 1)
            : CompletableFuture.failedFuture(failure));
  }

  /**
   * Grants a lease.
   *
   * @param id any number; 0 lets the cluster choose; one in use is refused as {@code LEASE_EXISTS}
   */
  public CompletableFuture<Lease> grant(long ttlSeconds, long id) {
    return id == 0 ? grant(ttlSeconds) : publish(send(id, ttlSeconds));
  }

  private CompletableFuture<Lease> send(long id, long ttlSeconds) {
    LeaseGrantRequest body =
        LeaseGrantRequest.newBuilder().setId(id).setTtl(ttlSeconds).build();
    return calls.call(
        new LeaseCalls.Ask<>(
            LeaseKeys.of(id),
            null,
            true,
            SIZE,
            request -> request.setLeaseGrant(body),
            Response.BodyCase.LEASE,
            response -> {
              LeaseResponse lease = response.getLease();
              return new Lease(lease.getId(), lease.getTtl(), lease.getGrantRevision());
            }),
        calls.timeout());
  }

  /** Ends a lease: all its keys are gone when the future completes. Unknown ones are refused as {@code LEASE_NOT_FOUND}. */
  public CompletableFuture<Void> revoke(long id) {
    long deadline = System.nanoTime() + calls.timeout().toNanos();
    return publish(revoke(id, deadline, false));
  }

  /** Twice is as good as once, so it is repeated; that the lease is gone after a first try is what was asked for. */
  private CompletableFuture<Void> revoke(long id, long deadline, boolean again) {
    LeaseRevokeRequest body = LeaseRevokeRequest.newBuilder().setId(id).build();
    long left = Math.max(1, deadline - System.nanoTime());
    LeaseCalls.Ask<LeaseResponse> ask = new LeaseCalls.Ask<>(
        LeaseKeys.of(id),
        null,
        true,
        SIZE,
        request -> request.setLeaseRevoke(body),
        Response.BodyCase.LEASE,
        Response::getLease);
    return Chain.of(calls.call(ask, Duration.ofNanos(left)), done -> done(), failure -> {
      if (again && code(failure) == RefusalCode.LEASE_NOT_FOUND) {
        return done();
      }
      return failure instanceof OutcomeUnknownException && deadline - System.nanoTime() > 0
          ? revoke(id, deadline, true)
          : CompletableFuture.failedFuture(failure);
    });
  }

  /** What is left of a lease; of one that does not exist -1, and no exception. */
  public CompletableFuture<LeaseStatus> timeToLive(long id, boolean keys) {
    LeaseTimeToLiveRequest body = LeaseTimeToLiveRequest.newBuilder().setId(id).build();
    return publish(calls
        .call(
            new LeaseCalls.Ask<>(
                LeaseKeys.of(id),
                null,
                false,
                SIZE,
                request -> request.setLeaseTimeToLive(body),
                Response.BodyCase.LEASE_TIME_TO_LIVE,
                Response::getLeaseTimeToLive),
            calls.timeout())
        .thenCompose(found -> keys && found.getTtl() >= 0
            ? keys(id, found).thenApply(all -> status(id, found, all))
            : CompletableFuture.completedFuture(status(id, found, List.of()))));
  }

  private static LeaseStatus status(long id, LeaseTimeToLiveResponse found, List<Bytes> keys) {
    return new LeaseStatus(
        id, found.getTtl(), found.getGrantedTtl(), found.getGrantRevision(), keys);
  }

  private CompletableFuture<List<Bytes>> keys(long id, LeaseTimeToLiveResponse found) {
    return keys(id, found.getRangesList().stream().map(Wire::range).toList());
  }

  /** The keys of a lease in those ranges; on an I/O thread. */
  CompletableFuture<List<Bytes>> keys(long id, List<KeyRange> ranges) {
    CompletableFuture<List<Bytes>> all = CompletableFuture.completedFuture(List.of());
    for (KeyRange range : ranges) {
      all = all.thenCombine(pages(range, part -> keyPage(id, part)), LeaseClient::joined);
    }
    return all;
  }

  private LeaseCalls.Ask<Page<Bytes>> keyPage(long id, KeyRange part) {
    LeaseKeysRequest body = LeaseKeysRequest.newBuilder()
        .setId(id)
        .setRange(Wire.range(part))
        .setLimit(PAGE)
        .build();
    return new LeaseCalls.Ask<>(
        part.start(),
        part,
        false,
        body.getSerializedSize(),
        request -> request.setLeaseKeys(body),
        Response.BodyCase.LEASE_KEYS,
        response -> new Page<>(
            response.getLeaseKeys().getKeysList().stream().map(Bytes::of).toList(),
            Bytes.of(response.getLeaseKeys().getNext())));
  }

  /** All leases, by id as unsigned number; those that are being revoked too. */
  public CompletableFuture<List<Long>> list() {
    return publish(pages(LeaseKeys.ALL, this::listPage));
  }

  private LeaseCalls.Ask<Page<Long>> listPage(KeyRange part) {
    LeaseListRequest body =
        LeaseListRequest.newBuilder().setRange(Wire.range(part)).setLimit(PAGE).build();
    return new LeaseCalls.Ask<>(
        part.start(),
        part,
        false,
        body.getSerializedSize(),
        request -> request.setLeaseList(body),
        Response.BodyCase.LEASE_LIST,
        response -> {
          List<Long> ids = response.getLeaseList().getIdsList();
          return new Page<>(
              ids,
              response.getLeaseList().getMore()
                  ? LeaseKeys.of(ids.get(ids.size() - 1)).next()
                  : Bytes.EMPTY);
        });
  }

  /**
   * Part of an answer.
   *
   * @param next where the rest begins; empty if there is none
   */
  private record Page<T>(List<T> items, Bytes next) {}

  /** Asks region by region, page by page; a region that was cut meanwhile is asked in parts. */
  private <T> CompletableFuture<List<T>> pages(
      KeyRange range, Function<KeyRange, LeaseCalls.Ask<Page<T>>> ask) {
    return pages(range, ask, System.nanoTime() + calls.timeout().toNanos());
  }

  private <T> CompletableFuture<List<T>> pages(
      KeyRange range, Function<KeyRange, LeaseCalls.Ask<Page<T>>> ask, long deadline) {
    Duration left = Duration.ofNanos(Math.max(1, deadline - System.nanoTime()));
    return calls.parts(range, left).thenCompose(parts -> {
      CompletableFuture<List<T>> all = CompletableFuture.completedFuture(List.of());
      for (KeyRange part : parts) {
        all = all.thenCompose(
            before -> part(part, ask, deadline).thenApply(found -> joined(before, found)));
      }
      return all;
    });
  }

  private <T> CompletableFuture<List<T>> part(
      KeyRange part, Function<KeyRange, LeaseCalls.Ask<Page<T>>> ask, long deadline) {
    Duration left = Duration.ofNanos(Math.max(1, deadline - System.nanoTime()));
    return Chain.of(
        calls.call(ask.apply(part), left),
        page -> page.next().isEmpty()
            ? CompletableFuture.completedFuture(page.items())
            : part(KeyRange.of(page.next(), part.end()), ask, deadline)
                .thenApply(more -> joined(page.items(), more)),
        failure -> code(failure) == RefusalCode.SPANS_REGIONS && deadline - System.nanoTime() > 0
            ? pages(part, ask, deadline)
            : CompletableFuture.failedFuture(failure));
  }

  private static <T> List<T> joined(List<T> left, List<T> right) {
    if (left.isEmpty()) {
      return right;
    }
    List<T> both = new ArrayList<>(left);
    both.addAll(right);
    return both;
  }

  /**
   * One keep-alive.
   *
   * @return seconds that it lives from now on, at least; 0 if there is no such lease
   */
  public CompletableFuture<Long> keepAliveOnce(long id) {
    return publish(keepAliveOnce(id, System.nanoTime() + calls.timeout().toNanos()));
  }

  private CompletableFuture<Long> keepAliveOnce(long id, long deadline) {
    long left = deadline - System.nanoTime();
    return calls
        .call(LeaseKeeper.ask(List.of(id)), Duration.ofNanos(Math.max(1, left)))
        .thenCompose(ttls -> {
          if (ttls.get(0) >= 0) {
            return CompletableFuture.completedFuture(ttls.get(0));
          }
          // The home cannot say now: it is about to end the lease, or to note its time.
          CompletableFuture<Long> later = new CompletableFuture<>();
          ScheduledFuture<?> unused = calls
              .timers()
              .schedule(() -> askAgain(id, deadline, later), RETRY_MILLIS, TimeUnit.MILLISECONDS);
          return later;
        });
  }

  private void askAgain(long id, long deadline, CompletableFuture<Long> told) {
    var unused = keepAliveOnce(id, deadline).whenComplete((ttl, failure) -> {
      if (failure == null) {
        told.complete(ttl);
      } else {
        told.completeExceptionally(cause(failure));
      }
    });
  }

  /**
   * Keeps a lease alive until its session is closed, or the client, with many others in one message.
   *
   * @return completes with a session once a first keep-alive was answered; fails with {@code LEASE_NOT_FOUND} if there is no
   *     such lease
   */
  public CompletableFuture<Session> keepAlive(long id) {
    long sentAt = System.nanoTime();
    return publish(keepAliveOnce(id, sentAt + calls.timeout().toNanos()).thenApply(ttl -> {
      if (ttl == 0) {
        throw RefusedException.leaseNotFound();
      }
      return new Session(this, new Lease(id, ttl, 0), keeper.keep(id, ttl, sentAt));
    }));
  }

  /** A new lease that is kept alive. */
  public CompletableFuture<Session> session(long ttlSeconds) {
    long sentAt = System.nanoTime();
    return publish(draw(ttlSeconds, 1)
        .thenApply(lease ->
            new Session(this, lease, keeper.keep(lease.id(), lease.ttlSeconds(), sentAt))));
  }

  /** Keeps nothing alive any more; sessions hear of it. Called by the client that owns this. */
  public void close() {
    keeper.close();
  }

  private <T> CompletableFuture<T> publish(CompletableFuture<T> direct) {
    CompletableFuture<T> published = new CompletableFuture<>();
    var unused = direct.whenComplete((value, failure) -> calls.callbacks().execute(() -> {
      if (failure == null) {
        published.complete(value);
      } else {
        published.completeExceptionally(cause(failure));
      }
    }));
    return published;
  }

  @SuppressWarnings("NullAway") // A Void has no other value.
  private static CompletableFuture<Void> done() {
    return CompletableFuture.completedFuture(null);
  }

  static Throwable cause(Throwable failure) {
    Throwable cause = failure;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }

  static @Nullable RefusalCode code(Throwable failure) {
    return cause(failure) instanceof RefusedException refused ? refused.code() : null;
  }
}
