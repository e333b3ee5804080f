package io.quorate.client;

import io.quorate.client.lease.LeaseCalls;
import io.quorate.client.lease.LeaseClient;
import io.quorate.client.lease.LeasePeers;
import io.quorate.client.placement.AuthClient;
import io.quorate.client.placement.PlacementClient;
import io.quorate.client.placement.PlacementClientConfig;
import io.quorate.client.placement.PlacementException;
import io.quorate.client.placement.SystemTokens;
import io.quorate.client.placement.UserTokens;
import io.quorate.client.transport.CallTokens;
import io.quorate.client.transport.ChannelFactory;
import io.quorate.client.txn.Committed;
import io.quorate.client.txn.ForeignLock;
import io.quorate.client.txn.LockResolver;
import io.quorate.client.txn.Transaction;
import io.quorate.client.txn.TransactionClient;
import io.quorate.client.txn.TransactionId;
import io.quorate.client.txn.TransactionStatus;
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
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Supplier;
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
  private final TransactionClient transactions;
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
      ForkJoinPool pool = CallbackPool.open(config.callbackThreads());
      this.ownCallbacks = pool;
      this.callbacks = pool;
    }
    this.channels = new ChannelFactory(config.transport(), "quorate-client-io");
    this.placement = PlacementClient.connect(placementConfig(config, clientId), channels);
    config.credentials().ifPresent(proof -> channels.authenticate(tokens(proof, placement.auth())));
    this.regions = new RegionClient(
        config, placement, channels, callbacks, new ClientMetrics(config.metrics()), clientId);
    this.leaseCalls =
        new RegionLeaseCalls(regions, channels.loop(), callbacks, config.requestTimeout());
    this.leases = new LeaseClient(leaseCalls);
    this.transactions = new TransactionClient(
        regions.transactions(),
        regions.resolver(),
        config.transactions(),
        config.requestTimeout(),
        config.commitSteps());
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
    return new LeasePeers(leaseCalls, leases, transactions);
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

  /** Deletes the keys of a range, all at one revision; over several regions as a transaction, within its bounds. */
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
    return publish(new Restoring(regions).restore(kvs).thenAccept(done -> {}));
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

  /**
   * Locks of transactions over several regions that stand now, by region.
   *
   * @param limit at most so many
   */
  public CompletableFuture<List<ForeignLock>> locks(KeyRange range, int limit) {
    return publish(
        new LockScan(regions, limit, regions.deadlineNanos(Optional.empty())).run(range));
  }

  /** For who clears away what others have left behind. */
  public LockResolver lockResolver() {
    return regions.resolver();
  }

  /** Begins a transaction of conditions and operations over any keys. */
  public TxnBuilder<CompletableFuture<TxnResult>> txn() {
    return new TxnBuilder<>((txn, timeout) -> commit(txn, timeout, /* direct= */ false));
  }

  /** As {@link #transact(Function, Duration)}, within the client's timeout. */
  public <T> CompletableFuture<Committed<T>> transact(
      Function<Transaction, CompletableFuture<T>> body) {
    return transact(body, config.requestTimeout());
  }

  /**
   * Runs a body that reads the state of one revision and writes over it, and commits what it wrote if what it read is still so
   * then: the whole is as if done at one moment. If others came in between, the body runs again. If it fails, nothing is done,
   * and the future fails likewise.
   *
   * @param body runs on the callback threads, possibly several times; must do nothing else that cannot be done twice
   * @param timeout of all attempts together
   */
  public <T> CompletableFuture<Committed<T>> transact(
      Function<Transaction, CompletableFuture<T>> body, Duration timeout) {
    return publish(transactions.transact(body, System.nanoTime() + timeout.toNanos()));
  }

  /**
   * What became of a transaction, after {@link OutcomeUnknownException}. One that is not committed, and whose client has been
   * silent for longer than its locks live, is rolled back by the question.
   */
  public CompletableFuture<TransactionStatus> transactionStatus(TransactionId id) {
    return publish(transactions.status(id, regions.deadlineNanos(Optional.empty())));
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
    if (pool != null) {
      CallbackPool.close(pool, CLOSE_SECONDS_MAX);
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
    long deadline = regions.deadlineNanos(options.timeout());
    return elseOverRegions(
        regions.execute(
            new RegionOperation.Delete(range, TxnOp.Delete.request(range, options)),
            deadline,
            direct),
        () -> transactions
            .commit(new Txn(List.of(), List.of(TxnOp.delete(range, options)), List.of()), deadline)
            .thenApply(result -> (DeleteResult) result.results().get(0)),
        direct);
  }

  CompletableFuture<TxnResult> commit(Txn txn, Optional<Duration> timeout, boolean direct) {
    long deadline = regions.deadlineNanos(timeout);
    return elseOverRegions(
        regions.execute(RegionOperation.Commit.of(txn), deadline, direct),
        () -> transactions.commit(txn, deadline),
        direct);
  }

  /** What one region could do, or, if it takes several, the other. */
  private <T> CompletableFuture<T> elseOverRegions(
      CompletableFuture<T> one, Supplier<CompletableFuture<T>> several, boolean direct) {
    CompletableFuture<T> result = new CompletableFuture<>();
    var unused = one.whenComplete((value, failure) -> {
      if (failure == null) {
        result.complete(value);
      } else if (failure instanceof RefusedException refused
          && refused.code() == RefusalCode.SPANS_REGIONS) {
        CompletableFuture<T> other = direct ? several.get() : publish(several.get());
        var unusedToo = other.whenComplete((found, why) -> {
          if (why == null) {
            result.complete(found);
          } else {
            result.completeExceptionally(unwrap(why));
          }
        });
      } else {
        result.completeExceptionally(failure);
      }
    });
    return result;
  }

  TransactionClient transactions() {
    return transactions;
  }

  CompletableFuture<RangeResult> rangeDirect(KeyRange range, RangeOptions options) {
    return new RangeScan(
            regions,
            placement.oracle(),
            range,
            options,
            regions.deadlineNanos(options.timeout()),
            config.scanParallelism(),
            /* heedsLocks= */ true)
        .run();
  }

  CompletableFuture<Void> compactDirect(long revision) {
    return new Compaction(placement.history()).compact(revision);
  }

  CompletableFuture<Snapshot> snapshotDirect() {
    return regions
        .bounded(placement.oracle().current(), regions.deadlineNanos(Optional.empty()))
        .thenApply(state -> new Snapshot(this, state.revision()));
  }

  /** Completes on the callback threads what completes on I/O threads. */
  private <T> CompletableFuture<T> publish(CompletableFuture<T> direct) {
    CompletableFuture<T> published = new CompletableFuture<>();
    var unused = direct.whenComplete((value, failure) -> {
      Runnable telling = () -> {
        if (failure == null) {
          published.complete(value);
        } else {
          published.completeExceptionally(unwrap(failure));
        }
      };
      try {
        callbacks.execute(telling);
      } catch (RejectedExecutionException threadsHaveEnded) {
        // The client was closed. Better told here than never.
        telling.run();
      }
    });
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
      throw cause instanceof RuntimeException other ? other : new IllegalStateException(cause);
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

  private static CallTokens tokens(Credentials proof, AuthClient auth) {
    if (proof instanceof Credentials.User user) {
      return new UserTokens(auth, user.name(), user.password(), System::nanoTime);
    }
    return new SystemTokens(((Credentials.Member) proof).key());
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
}
