package io.quorate.client;

import io.quorate.client.lease.LeaseCalls;
import io.quorate.client.lease.LeaseClient;
import io.quorate.client.lease.LeasePeers;
import io.quorate.client.placement.PlacementClient;
import io.quorate.client.placement.PlacementClientConfig;
import io.quorate.client.placement.PlacementException;
import io.quorate.client.transport.ChannelFactory;
import io.quorate.client.watch.Watch;
import io.quorate.client.watch.WatchClient;
import io.quorate.client.watch.WatchClient.WatchSubscription;
import io.quorate.client.watch.WatchListener;
import io.quorate.client.watch.WatchOptions;
import io.quorate.client.watch.WatchPublisher;
import io.quorate.client.watch.WatchUpdate;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.proto.RefusalCode;
import io.quorate.proto.RestoreRequest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The door to a Quorate cluster: one keyspace, whatever regions and stores it lies on. One instance
 * serves a whole process; safe on any thread. Its threads are daemons and end with {@link #close}.
 *
 * <p>Futures complete on the callback threads, never on I/O threads, and fail with a {@link
 * QuorateException} that says whether a write may have happened. Every request ends by its deadline.
 * Reads are linearizable unless they name a revision. Reads are repeated freely until the deadline;
 * a write is repeated only while it certainly was not done.
 */
public final class QuorateClient implements AutoCloseable {
  private static final long CLOSE_SECONDS_MAX = 5;
  private static final Duration PLACEMENT_ATTEMPT_MIN = Duration.ofSeconds(1);

  private final ClientConfig config;
  private final ChannelFactory channels;
  private final PlacementClient placement;
  private final RegionClient regions;
  private final WatchClient watches;
  private final LeaseCalls leaseCalls;
  private final LeaseClient leases;
  private final Executor callbacks;
  private final @Nullable ForkJoinPool ownCallbacks;
  private final AtomicBoolean closed = new AtomicBoolean();

  private QuorateClient(ClientConfig config) {
    this.config = config;
    long clientId = new SecureRandom().nextLong();
    if (config.callbackExecutor().isPresent()) {
      this.ownCallbacks = null;
      this.callbacks = config.callbackExecutor().get();
    } else {
      ForkJoinPool pool = callbackPool(config);
      this.ownCallbacks = pool;
      this.callbacks = pool;
    }
    this.channels = new ChannelFactory(config.transport(), "quorate-client-io");
    this.placement = PlacementClient.connect(placementConfig(config, clientId), channels);
    this.regions = new RegionClient(
        config, placement, channels, callbacks, new ClientMetrics(config.metrics()), clientId);
    this.leaseCalls =
        new RegionLeaseCalls(regions, channels.loop(), callbacks, config.requestTimeout());
    this.leases = new LeaseClient(leaseCalls);
    this.regions.directory().startPush();
    this.watches = new WatchClient(new WatchClient.Surroundings(
        placement,
        channels,
        regions.directory(),
        config.retry(),
        config.watch(),
        clientId,
        config.user(),
        callbacks));
  }

  /**
   * A client with default settings. Nothing is waited for: if no placement driver can be reached,
   * the first request says so.
   *
   * @param placementAddresses {@code host:port,host:port} of some or all placement drivers
   */
  public static QuorateClient connect(String placementAddresses) {
    return open(ClientConfig.of(placementAddresses));
  }

  /** A client with settings of one's own. */
  public static QuorateClient open(ClientConfig config) {
    return new QuorateClient(config);
  }

  /** The same client for callers that wait. */
  public BlockingClient blocking() {
    return new BlockingClient(this);
  }

  /** The placement driver behind this client; it ends with the client. */
  public PlacementClient placement() {
    return placement;
  }

  public ClientConfig config() {
    return config;
  }

  /** Leases; they end being kept alive with this client. */
  public LeaseClient leases() {
    return leases;
  }

  /** What stores ask each other about leases. */
  public LeasePeers leasePeers() {
    return new LeasePeers(leaseCalls);
  }

  /** Puts a key; whatever lease it had is detached. */
  public CompletableFuture<PutResult> put(Bytes key, Bytes value) {
    return put(key, value, PutOptions.DEFAULT);
  }

  /** Puts a key. */
  public CompletableFuture<PutResult> put(Bytes key, Bytes value, PutOptions options) {
    return put(key, value, options, /* direct= */ false);
  }

  /** The newest version of a key. The cheapest read: it tells no revision of the keyspace. */
  public CompletableFuture<Optional<KeyValue>> get(Bytes key) {
    return get(key, Optional.empty(), /* direct= */ false);
  }

  /** As {@link #get(Bytes)}, with a deadline of its own. */
  public CompletableFuture<Optional<KeyValue>> get(Bytes key, Duration timeout) {
    return get(key, Optional.of(timeout), /* direct= */ false);
  }

  /** Deletes one key. */
  public CompletableFuture<DeleteResult> delete(Bytes key) {
    return delete(KeyRange.single(key), DeleteOptions.DEFAULT, /* direct= */ false);
  }

  /** Deletes the keys of a range, which must lie in one region; else {@code SPANS_REGIONS}. */
  public CompletableFuture<DeleteResult> deleteRange(KeyRange range, DeleteOptions options) {
    return delete(range, options, /* direct= */ false);
  }

  /** The newest state of a range, in key order. */
  public CompletableFuture<RangeResult> range(KeyRange range) {
    return range(range, RangeOptions.DEFAULT);
  }

  /** The keys of a range at one revision, over as many regions as it takes. */
  public CompletableFuture<RangeResult> range(KeyRange range, RangeOptions options) {
    return publish(rangeDirect(range, options));
  }

  /** How many keys a range has. */
  public CompletableFuture<Long> count(KeyRange range) {
    return range(range, RangeOptions.DEFAULT.withCountOnly()).thenApply(RangeResult::count);
  }

  /** The range page by page, in key order, at one revision. */
  public PageReader pages(KeyRange range, RangeOptions options) {
    return new PageReader(
        regions, placement.oracle(), this::publish, range, options, config.pageKeys());
  }

  /** The range as a flow of keys, in key order, at one revision; holds one page. */
  public Flow.Publisher<KeyValue> stream(KeyRange range, RangeOptions options) {
    return new PagePublisher(() -> pages(range, options), callbacks);
  }

  /** The state of the whole keyspace as of now, to be read as long as it is not compacted. */
  public CompletableFuture<Snapshot> snapshot() {
    return publish(snapshotDirect());
  }

  /** The state of the whole keyspace at a revision. */
  public Snapshot snapshotAt(long revision) {
    return new Snapshot(this, revision);
  }

  /**
   * Lets the past go: reads and watches below the revision are refused, everywhere, once this is done; what only they could have
   * seen is removed by and by. Of each key the version at the revision stays.
   *
   * @param revision above the compacted one, else {@code COMPACTED}; not above the newest, else {@code FUTURE_REVISION}
   */
  public CompletableFuture<Void> compact(long revision) {
    return publish(compactDirect(revision));
  }

  /** As {@link #compact(long)}, done when what may be removed is removed on all stores that are up, or the time is over. */
  public CompletableFuture<Void> compactAndRemove(long revision, Duration patience) {
    return publish(compactDirect(revision)
        .thenCompose(done -> new RemovalWait(placement, revision, patience).run()));
  }

  /**
   * Puts keys of a backup back with the revisions and versions they had; they must lie below every revision handed out from now
   * on, and never have been here, or be just so already. Repeated freely.
   *
   * @param kvs in key order
   */
  public CompletableFuture<Void> restore(List<KeyValue> kvs) {
    return publish(restoreDirect(kvs).thenAccept(done -> {}));
  }

  private CompletableFuture<Boolean> restoreDirect(List<KeyValue> kvs) {
    if (kvs.isEmpty()) {
      return CompletableFuture.completedFuture(true);
    }
    RestoreRequest.Builder request = RestoreRequest.newBuilder();
    kvs.forEach(kv -> request.addKvs(kv.message()));
    KeyRange span = KeyRange.of(kvs.get(0).key(), kvs.get(kvs.size() - 1).key().next());
    return regions
        .execute(
            new RegionOperation.Restore(span, request.build()),
            regions.deadlineNanos(Optional.empty()),
            /* direct= */ true)
        .exceptionallyCompose(failure -> {
          boolean halves = unwrap(failure) instanceof RefusedException refused
              && refused.code() == RefusalCode.SPANS_REGIONS
              && kvs.size() > 1;
          int middle = kvs.size() / 2;
          return halves
              ? restoreDirect(kvs.subList(0, middle))
                  .thenCompose(done -> restoreDirect(kvs.subList(middle, kvs.size())))
              : CompletableFuture.failedFuture(failure);
        });
  }

  /** Tells the listener of every change of the key from now on. */
  public Watch watch(Bytes key, WatchListener listener) {
    return watch(KeyRange.single(key), WatchOptions.DEFAULT, listener);
  }

  /**
   * Tells the listener of every change in a range, over as many regions as it takes, in the order of revisions: none is missed,
   * none told twice, whatever happens to the cluster meanwhile. It goes on until it is closed, or tells why it ended.
   */
  public Watch watch(KeyRange range, WatchOptions options, WatchListener listener) {
    return watches.open(range, options, listener, Long.MAX_VALUE).watch();
  }

  /**
   * As {@link #watch(KeyRange, WatchOptions, WatchListener)}, at the pace of who asks for updates.
   *
   * @param demand updates that may be told before more are asked for
   */
  public WatchSubscription watch(
      KeyRange range, WatchOptions options, WatchListener listener, long demand) {
    return watches.open(range, options, listener, demand);
  }

  /** As {@link #watch(KeyRange, WatchOptions, WatchListener)}, as a flow: each subscriber watches for itself, at its own pace. */
  public Flow.Publisher<WatchUpdate> watch(KeyRange range, WatchOptions options) {
    return new WatchPublisher((listener, demand) -> watches.open(range, options, listener, demand));
  }

  /** Begins a transaction; its keys must lie in one region, else {@code SPANS_REGIONS}. */
  public TxnBuilder<CompletableFuture<TxnResult>> txn() {
    return new TxnBuilder<>((txn, timeout) -> commit(txn, timeout, /* direct= */ false));
  }

  /**
   * Ends all connections and threads. What waits fails with {@link ClientClosedException}, or with
   * {@link OutcomeUnknownException} if it is a write that was sent.
   */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    watches.close();
    leases.close();
    regions.close();
    placement.close();
    channels.close();
    ForkJoinPool pool = ownCallbacks;
    if (pool == null) {
      return;
    }
    pool.shutdown();
    boolean insideCallback =
        Thread.currentThread() instanceof ForkJoinWorkerThread worker && worker.getPool() == pool;
    try {
      if (!insideCallback && !pool.awaitTermination(CLOSE_SECONDS_MAX, TimeUnit.SECONDS)) {
        pool.shutdownNow();
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  CompletableFuture<PutResult> put(Bytes key, Bytes value, PutOptions options, boolean direct) {
    if (key.isEmpty()) {
      return keyMissing();
    }
    return regions.execute(
        new RegionOperation.Put(key, TxnOp.Put.request(key, value, options)),
        regions.deadlineNanos(options.timeout()),
        direct);
  }

  CompletableFuture<Optional<KeyValue>> get(Bytes key, Optional<Duration> timeout, boolean direct) {
    if (key.isEmpty()) {
      return keyMissing();
    }
    return regions.execute(RegionOperation.Get.of(key), regions.deadlineNanos(timeout), direct);
  }

  CompletableFuture<DeleteResult> delete(KeyRange range, DeleteOptions options, boolean direct) {
    return regions.execute(
        new RegionOperation.Delete(range, TxnOp.Delete.request(range, options)),
        regions.deadlineNanos(options.timeout()),
        direct);
  }

  CompletableFuture<TxnResult> commit(Txn txn, Optional<Duration> timeout, boolean direct) {
    return regions.execute(RegionOperation.Commit.of(txn), regions.deadlineNanos(timeout), direct);
  }

  CompletableFuture<RangeResult> rangeDirect(KeyRange range, RangeOptions options) {
    return new RangeScan(
            regions,
            placement.oracle(),
            range,
            options,
            regions.deadlineNanos(options.timeout()),
            config.scanParallelism())
        .run();
  }

  CompletableFuture<Void> compactDirect(long revision) {
    CompletableFuture<Void> done =
        placement.history().compact(revision).thenAccept(compacted -> {});
    return done.exceptionallyCompose(failure -> {
      Throwable cause = failure instanceof CompletionException && failure.getCause() != null
          ? failure.getCause()
          : failure;
      if (!(cause instanceof PlacementException refused)) {
        return CompletableFuture.failedFuture(failure);
      }
      String message = String.valueOf(refused.getMessage());
      return switch (refused.code()) {
        case FUTURE_REVISION ->
          CompletableFuture.failedFuture(
              new RefusedException(RefusalCode.FUTURE_REVISION, message));
        case COMPACTED ->
          placement
              .history()
              .show()
              .thenCompose(shown -> CompletableFuture.failedFuture(
                  new RefusedException(RefusalCode.COMPACTED, message, shown.getCompacted())));
        default -> CompletableFuture.failedFuture(failure);
      };
    });
  }

  CompletableFuture<Snapshot> snapshotDirect() {
    return regions
        .bounded(placement.oracle().current(), regions.deadlineNanos(Optional.empty()))
        .thenApply(state -> new Snapshot(this, state.revision()));
  }

  /** Completes on the callback threads what completes on I/O threads. */
  private <T> CompletableFuture<T> publish(CompletableFuture<T> direct) {
    CompletableFuture<T> published = new CompletableFuture<>();
    var unused = direct.whenComplete((value, failure) -> callbacks.execute(() -> {
      if (failure == null) {
        published.complete(value);
      } else {
        published.completeExceptionally(unwrap(failure));
      }
    }));
    return published;
  }

  /** What a waiting thread gets: the value, or the exception with that thread's stack. */
  static <T> T await(CompletableFuture<T> direct, boolean writes) {
    try {
      return direct.get();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw writes
          ? new OutcomeUnknownException("interrupted while waiting for a write").rethrown()
          : new UnavailableException("interrupted while waiting for a read").rethrown();
    } catch (ExecutionException failed) {
      Throwable cause = unwrap(failed);
      if (cause instanceof QuorateException known) {
        throw known.rethrown();
      }
      throw new IllegalStateException(cause);
    }
  }

  static Throwable unwrap(Throwable failure) {
    Throwable cause = failure;
    while ((cause instanceof CompletionException || cause instanceof ExecutionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause instanceof PlacementException placement
        ? new UnavailableException(String.valueOf(placement.getMessage()))
        : cause;
  }

  private static <T> CompletableFuture<T> keyMissing() {
    return CompletableFuture.failedFuture(
        new RefusedException(RefusalCode.KEY_NOT_PROVIDED, "key is not provided"));
  }

  /** PD is given a little less time than a request has, so that requests can say why they failed. */
  private static PlacementClientConfig placementConfig(ClientConfig config, long clientId) {
    Duration request = config.requestTimeout().multipliedBy(9).dividedBy(10);
    Duration attempt = config.attemptTimeout().compareTo(PLACEMENT_ATTEMPT_MIN) < 0
        ? PLACEMENT_ATTEMPT_MIN
        : config.attemptTimeout();
    return PlacementClientConfig.defaults(config.placement(), clientId)
        .withClusterId(config.clusterId())
        .withTimeouts(request, attempt);
  }

  /** Compensates for callbacks that wait for other futures of the client; its threads are daemons. */
  private static ForkJoinPool callbackPool(ClientConfig config) {
    AtomicInteger number = new AtomicInteger();
    return new ForkJoinPool(
        config.callbackThreads(),
        pool -> {
          ForkJoinWorkerThread thread =
              ForkJoinPool.defaultForkJoinWorkerThreadFactory.newThread(pool);
          thread.setName("quorate-client-callback-" + number.incrementAndGet());
          return thread;
        },
        null,
        /* asyncMode= */ true);
  }
}
