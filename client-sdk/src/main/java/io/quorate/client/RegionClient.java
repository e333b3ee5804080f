package io.quorate.client;

import io.quorate.client.placement.PlacementClient;
import io.quorate.client.placement.PlacementException;
import io.quorate.client.retry.Attempt;
import io.quorate.client.retry.Decision;
import io.quorate.client.retry.Failure;
import io.quorate.client.route.RegionDirectory;
import io.quorate.client.route.Route;
import io.quorate.client.store.Deliveries;
import io.quorate.client.store.StoreConnection;
import io.quorate.client.transport.ChannelFactory;
import io.quorate.client.transport.Endpoint;
import io.quorate.client.txn.LockResolver;
import io.quorate.model.KeyRange;
import io.quorate.model.Peer;
import io.quorate.model.RegionError;
import io.quorate.model.StoreDescriptor;
import io.quorate.model.StoreId;
import io.quorate.model.Wire;
import io.quorate.proto.Envelope;
import io.quorate.proto.PlacementError;
import io.quorate.proto.RefusalCode;
import io.quorate.proto.Response;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Brings operations to the region that owns their keys: route, send, hear, decide, again. Owned by
 * {@link QuorateClient}; safe on any thread, never blocks.
 */
final class RegionClient {
  private final ClientConfig config;
  private final PlacementClient placement;
  private final ChannelFactory channels;
  private final RegionDirectory directory;
  private final Executor callbacks;
  private final ClientMetrics metrics;
  private final ScheduledExecutorService loop;
  private final long clientId;
  private final RegionTxnCalls transactions;
  private final LockResolver resolver;
  private final AtomicLong sequence = new AtomicLong();
  private final AtomicLong newestRevision = new AtomicLong();
  private final Map<StoreId, StoreConnection> connections = new ConcurrentHashMap<>();
  // Calls that wait for a pause or a route; whoever removes one owns it.
  private final Set<RegionCall<?>> parked = ConcurrentHashMap.newKeySet();
  private final Pauses pauses;
  private volatile boolean closed;

  RegionClient(
      ClientConfig config,
      PlacementClient placement,
      ChannelFactory channels,
      Executor callbacks,
      ClientMetrics metrics,
      long clientId) {
    this.config = config;
    this.placement = placement;
    this.channels = channels;
    this.callbacks = callbacks;
    this.metrics = metrics;
    this.clientId = clientId;
    this.loop = channels.loop();
    this.pauses = new Pauses(loop);
    this.directory = new RegionDirectory(placement, loop, metrics::lookedUp);
    this.transactions = new RegionTxnCalls(this, placement.oracle(), config, callbacks, clientId);
    this.resolver = new LockResolver(transactions, config.transactions());
  }

  RegionTxnCalls transactions() {
    return transactions;
  }

  LockResolver resolver() {
    return resolver;
  }

  ScheduledExecutorService loop() {
    return loop;
  }

  boolean isClosed() {
    return closed;
  }

  Pauses pauses() {
    return pauses;
  }

  RegionDirectory directory() {
    return directory;
  }

  long deadlineNanos(Optional<Duration> timeout) {
    return System.nanoTime() + timeout.orElse(config.requestTimeout()).toNanos();
  }

  /**
   * Starts an operation.
   *
   * @param direct whether the future may be completed by an I/O thread
   */
  <T> CompletableFuture<T> execute(
      RegionOperation<T> operation, long deadlineNanos, boolean direct) {
    RegionCall<T> call = new RegionCall<>(
        this,
        operation,
        System.nanoTime(),
        deadlineNanos,
        operation.writes() ? sequence.incrementAndGet() : 0,
        operation.named() && config.repeatsWrites(),
        direct);
    if (operation.sizeBytes() > config.maxRequestBytes()) {
      reject(
          call,
          new RefusedException(
              RefusalCode.REQUEST_TOO_LARGE,
              "the request has " + operation.sizeBytes() + " bytes, " + config.maxRequestBytes()
                  + " are allowed"));
    } else {
      start(call);
    }
    return call.future();
  }

  /** The pieces of a range by region, after missing routes were fetched. */
  CompletableFuture<List<io.quorate.client.route.RoutingTable.Piece>> plan(
      KeyRange range, long deadlineNanos) {
    List<io.quorate.client.route.RoutingTable.Piece> pieces = directory.table().split(range);
    for (var piece : pieces) {
      if (piece.route() == null) {
        return bounded(directory.load(piece.range().start()), deadlineNanos)
            .thenCompose(loaded -> plan(range, deadlineNanos));
      }
    }
    return CompletableFuture.completedFuture(pieces);
  }

  /** The same, but failed with {@link UnavailableException} at the deadline, or when the client is closed. */
  <T> CompletableFuture<T> bounded(CompletableFuture<T> future, long deadlineNanos) {
    CompletableFuture<T> bounded = new CompletableFuture<>();
    CompletableFuture<Void> patience = pauses.pause(deadlineNanos - System.nanoTime());
    var unusedEnd = patience.whenComplete((over, ended) -> {
      if (ended == null) {
        bounded.completeExceptionally(
            new UnavailableException("the placement driver did not answer within the deadline"));
      } else if (ended instanceof ClientClosedException) {
        bounded.completeExceptionally(ended);
      }
    });
    var unused = future.whenComplete((value, failure) -> {
      patience.cancel(false);
      if (failure == null) {
        bounded.complete(value);
      } else {
        bounded.completeExceptionally(
            closed
                ? closedNow()
                : new UnavailableException(
                    String.valueOf(QuorateClient.unwrap(failure).getMessage())));
      }
    });
    return bounded;
  }

  private void start(RegionCall<?> call) {
    if (closed) {
      reject(call, closedNow());
      return;
    }
    Route route = directory.table().find(call.operation().key());
    if (route == null) {
      park(call, directory.load(call.operation().key()));
      return;
    }
    KeyRange span = call.operation().span();
    if (span != null && !route.region().range().contains(span)) {
      reject(
          call,
          new RefusedException(
              RefusalCode.SPANS_REGIONS,
              "the keys " + span + " lie in several regions: one request can change keys of one"
                  + " region only"));
      return;
    }
    Peer peer = peerToAsk(route, call);
    StoreDescriptor store = directory.store(peer.store());
    if (store == null) {
      retryLater(call, new Failure.NoRoute("the address of store " + peer.store() + " is unknown"));
      return;
    }
    call.goTo(route, peer, attemptDeadline(call));
    connection(store).submit(call);
  }

  /** What any replica may answer is asked of one that is near, then of who leads, and so on by turns: perhaps only one of them lives. */
  private Peer peerToAsk(Route route, RegionCall<?> call) {
    int failures = call.failures();
    if (!call.operation().anyReplica() || failures % 2 == 1) {
      return route.peerToAsk(failures);
    }
    return route
        .voterOn(config.nearStore())
        .filter(near -> failures == 0 || ThreadLocalRandom.current().nextBoolean())
        .orElseGet(() -> route.anyPeer(ThreadLocalRandom.current()));
  }

  private long attemptDeadline(RegionCall<?> call) {
    if (!call.repeatable()) {
      return call.deadlineNanos();
    }
    long patience = config.attemptTimeout().toNanos() << Math.min(call.failures(), 10);
    long attempt = System.nanoTime() + patience;
    return attempt - call.deadlineNanos() < 0 ? attempt : call.deadlineNanos();
  }

  private StoreConnection connection(StoreDescriptor store) {
    StoreConnection known = connections.get(store.id());
    if (known != null && isSame(known.store(), store)) {
      return known;
    }
    StoreConnection fresh = connections.compute(store.id(), (id, old) -> {
      if (old != null && isSame(old.store(), store)) {
        return old;
      }
      if (old != null) {
        old.close();
      }
      Envelope envelope =
          Wire.clientEnvelope(placement.clusterId(), clientId, store.id()).toBuilder()
              .setToIncarnation(store.incarnation())
              .setUser(config.user())
              .build();
      return new StoreConnection(
          store,
          channels.open(Endpoint.parse(store.clientAddress())),
          envelope,
          config.limits(),
          callbacks);
    });
    if (closed) {
      fresh.close();
    }
    return fresh;
  }

  private static boolean isSame(StoreDescriptor left, StoreDescriptor right) {
    return left.incarnation() == right.incarnation()
        && left.clientAddress().equals(right.clientAddress());
  }

  /** The greatest revision that any store has told of: what is sent now is done after it. */
  long newestRevision() {
    return newestRevision.get();
  }

  void heardOf(long revision) {
    if (revision > newestRevision.get()) {
      newestRevision.accumulateAndGet(revision, Math::max);
    }
  }

  /** An attempt brought the result. */
  void succeeded(RegionCall<?> call) {
    Route route = call.route();
    Peer peer = call.peer();
    if (route != null
        && peer != null
        && route.leader() == null
        && !call.operation().anyReplica()) {
      directory.leaderIs(route.region(), peer);
    }
  }

  void finished(OpKind kind, long startNanos, @Nullable QuorateException error) {
    metrics.finished(kind, startNanos, error);
  }

  /** An attempt failed: learn from it, decide, do. */
  void failed(RegionCall<?> call, Failure failure, Deliveries deliveries) {
    if (failure instanceof Failure.Answered answered) {
      learn(call, answered.error());
    }
    if (call.operation().writes() && failure.mayHaveHappened()) {
      call.doubt();
    }
    long remaining = TimeUnit.NANOSECONDS.toMillis(call.deadlineNanos() - System.nanoTime());
    Decision decision = config
        .retry()
        .decide(
            new Attempt(call.countFailure(), call.repeatable(), call.doubtful(), remaining),
            closed ? new Failure.Closed(failure.mayHaveHappened(), failure.message()) : failure,
            ThreadLocalRandom.current().nextDouble());
    metrics.decided(decision, call.doubtful());
    if (decision instanceof Decision.GiveUp giveUp) {
      call.fail(exception(giveUp), deliveries);
    } else if (decision instanceof Decision.Retry retry) {
      again(call, retry);
    }
  }

  /** Locks of others stand in the way: it certainly was not done, and is sent again once they are looked into. */
  void locked(RegionCall<?> call, Response response) {
    LockWait wait = call.meetLocks(response.getRevision());
    parked.add(call);
    var timer = loop.schedule(
        () -> {
          if (parked.remove(call)) {
            reject(
                call,
                new UnavailableException("not done within the deadline, because of locks: "
                    + response.getRefusal().getMessage()));
          }
        },
        Math.max(0, call.deadlineNanos() - System.nanoTime()),
        TimeUnit.NANOSECONDS);
    var unused = wait.unblock(
            resolver, response.getRefusal(), response.getRevision(), call.deadlineNanos())
        .whenComplete((done, failure) -> {
          timer.cancel(false);
          if (parked.remove(call)) {
            start(call);
          }
        });
    rejectIfClosed(call);
  }

  private void learn(RegionCall<?> call, RegionError error) {
    Route route = call.route();
    Peer peer = call.peer();
    if (error instanceof RegionError.EpochMismatch mismatch) {
      directory.learn(mismatch.current());
    } else if (error instanceof RegionError.KeyOutOfRange out) {
      directory.learn(List.of(out.current()));
    } else if (error instanceof RegionError.NotLeader notLeader && route != null && peer != null) {
      if (notLeader.leader().isPresent() && !notLeader.leader().get().equals(peer)) {
        directory.leaderIs(route.region(), notLeader.leader().get());
      } else {
        directory.leaderFailed(route.region(), peer);
      }
    }
  }

  private void again(RegionCall<?> call, Decision.Retry retry) {
    Route route = call.route();
    Peer peer = call.peer();
    if (route != null) {
      if (retry.otherPeer() && peer != null) {
        directory.leaderFailed(route.region(), peer);
      }
      if (retry.refresh()) {
        var unused = directory.refresh(route.region());
      }
    }
    if (retry.pauseMillis() == 0) {
      start(call);
      return;
    }
    parked.add(call);
    var unused = loop.schedule(
        () -> {
          if (parked.remove(call)) {
            start(call);
          }
        },
        retry.pauseMillis(),
        TimeUnit.MILLISECONDS);
    rejectIfClosed(call);
  }

  private void park(RegionCall<?> call, CompletableFuture<Void> loaded) {
    parked.add(call);
    var timer = loop.schedule(
        () -> {
          if (parked.remove(call)) {
            reject(
                call,
                new UnavailableException("no placement driver of " + config.placement()
                    + " told the region of the key within the deadline"));
          }
        },
        Math.max(0, call.deadlineNanos() - System.nanoTime()),
        TimeUnit.NANOSECONDS);
    var unused = loaded.whenComplete((done, failure) -> {
      timer.cancel(false);
      if (!parked.remove(call)) {
        return;
      }
      if (failure == null) {
        if (directory.table().find(call.operation().key()) != null) {
          start(call);
        } else {
          retryLater(call, new Failure.NoRoute("the placement driver knows no region for the key"));
        }
        return;
      }
      String why = String.valueOf(QuorateClient.unwrap(failure).getMessage());
      if (isHopeless(failure)) {
        reject(call, new UnavailableException(why));
      } else {
        retryLater(call, new Failure.NoRoute(why));
      }
    });
    rejectIfClosed(call);
  }

  /** Whether PD will say the same whenever it is asked. */
  private static boolean isHopeless(Throwable failure) {
    Throwable cause = failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
    return cause instanceof PlacementException placement
        && placement.code() == PlacementError.Code.WRONG_CLUSTER;
  }

  private void retryLater(RegionCall<?> call, Failure failure) {
    Deliveries deliveries = new Deliveries(callbacks);
    failed(call, failure, deliveries);
    deliveries.flush();
  }

  private void reject(RegionCall<?> call, QuorateException why) {
    Deliveries deliveries = new Deliveries(callbacks);
    call.fail(
        call.doubtful()
            ? new OutcomeUnknownException(
                "the write may or may not have happened: " + why.getMessage())
            : why,
        deliveries);
    deliveries.flush();
  }

  private void rejectIfClosed(RegionCall<?> call) {
    if (closed && parked.remove(call)) {
      reject(call, closedNow());
    }
  }

  /** Fails what waits and ends all connections. */
  void close() {
    closed = true;
    pauses.close();
    List.copyOf(parked).forEach(this::rejectIfClosed);
    directory.close();
    connections.values().forEach(StoreConnection::close);
  }

  static ClientClosedException closedNow() {
    return new ClientClosedException("the client was closed");
  }

  private static QuorateException exception(Decision.GiveUp giveUp) {
    return switch (giveUp.verdict()) {
      case NOT_DONE -> new UnavailableException(giveUp.message());
      case UNKNOWN -> new OutcomeUnknownException(giveUp.message());
      case CLOSED -> new ClientClosedException(giveUp.message());
    };
  }
}
