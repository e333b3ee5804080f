package io.quorate.client;

import io.micrometer.core.instrument.MeterRegistry;
import io.quorate.client.retry.RetryPolicy;
import io.quorate.client.store.StoreLimits;
import io.quorate.client.transport.Endpoint;
import io.quorate.client.transport.TransportConfig;
import io.quorate.client.txn.CommitStep;
import io.quorate.client.txn.TransactionLimits;
import io.quorate.client.watch.WatchLimits;
import io.quorate.model.Protocol;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * All a client can be told. Start from {@link #of} and change what is needed.
 *
 * @param placement members of the PD group, some or all
 * @param clusterId the cluster that must answer; 0 takes the first that does
 * @param credentials who asks, for permissions; absent: nobody
 * @param requestTimeout deadline of a request that names none, all attempts together
 * @param attemptTimeout silence of a store after which a read is asked elsewhere; doubles with each
 *     attempt
 * @param maxRequestBytes larger requests are refused before they are sent
 * @param limits bounds of the connection to each store
 * @param scanParallelism regions that one range asks at a time
 * @param pageKeys keys in one page of a paged or streamed range
 * @param retry what to do after a failed attempt
 * @param transport I/O threads, TLS
 * @param callbackThreads threads that complete futures, if no executor is given
 * @param callbackExecutor completes futures; absent: a pool of the client's own
 * @param metrics where to count; absent: nowhere
 * @param watch bounds of watches
 * @param repeatsWrites whether puts, deletes and transactions of one region are asked for again when it is not known whether they
 *     were done; the region does none of them twice
 * @param transactions bounds of transactions over several regions
 * @param nearStore id of the store whose replicas are asked first for what any replica may answer; 0 if none is nearer than others
 * @param commitSteps asked before each step of a commit over several regions is done; false ends that commit there, as if this
 *     process had died: to test what comes after
 */
public record ClientConfig(
    List<Endpoint> placement,
    long clusterId,
    Optional<Credentials> credentials,
    Duration requestTimeout,
    Duration attemptTimeout,
    int maxRequestBytes,
    StoreLimits limits,
    int scanParallelism,
    int pageKeys,
    RetryPolicy retry,
    TransportConfig transport,
    int callbackThreads,
    Optional<Executor> callbackExecutor,
    Optional<MeterRegistry> metrics,
    WatchLimits watch,
    boolean repeatsWrites,
    TransactionLimits transactions,
    long nearStore,
    Predicate<CommitStep> commitSteps) {
  public ClientConfig {
    placement = List.copyOf(placement);
    if (placement.isEmpty()) {
      throw new IllegalArgumentException("at least one placement driver address is needed");
    }
    if (requestTimeout.isNegative() || requestTimeout.isZero() || attemptTimeout.isZero()) {
      throw new IllegalArgumentException("timeouts must be above zero");
    }
    if (scanParallelism < 1 || pageKeys < 1 || callbackThreads < 1 || maxRequestBytes < 1) {
      throw new IllegalArgumentException("limits must be 1 or more");
    }
  }

  /** Defaults: 10 s for a request, 1.5 s of silence, etcd's request size, no metrics. */
  public static ClientConfig of(List<Endpoint> placement) {
    return new ClientConfig(
        placement,
        0,
        Optional.empty(),
        Duration.ofSeconds(10),
        Duration.ofMillis(1500),
        Protocol.MAX_REQUEST_BYTES,
        StoreLimits.defaults(),
        16,
        1000,
        RetryPolicy.defaults(),
        TransportConfig.defaults(),
        Math.max(2, Runtime.getRuntime().availableProcessors()),
        Optional.empty(),
        Optional.empty(),
        WatchLimits.defaults(),
        true,
        TransactionLimits.defaults(),
        0,
        step -> true);
  }

  /** As {@link #of(List)}, of {@code host:port,host:port}. */
  public static ClientConfig of(String placementAddresses) {
    return of(Endpoint.parseList(placementAddresses));
  }

  public ClientConfig withClusterId(long id) {
    return with(draft -> draft.clusterId = id);
  }

  /** Who asks, and how that is proven. */
  public ClientConfig withCredentials(Credentials proof) {
    return with(draft -> draft.credentials = Optional.of(proof));
  }

  /** The user's name for messages; what it may do is found by what it has proven. */
  String user() {
    return credentials
        .filter(Credentials.User.class::isInstance)
        .map(user -> ((Credentials.User) user).name())
        .orElse("");
  }

  public ClientConfig withTimeouts(Duration request, Duration attempt) {
    return with(draft -> {
      draft.requestTimeout = request;
      draft.attemptTimeout = attempt;
    });
  }

  public ClientConfig withMaxRequestBytes(int bytes) {
    return with(draft -> draft.maxRequestBytes = bytes);
  }

  public ClientConfig withLimits(StoreLimits ofStores) {
    return with(draft -> draft.limits = ofStores);
  }

  public ClientConfig withPageKeys(int keys) {
    return with(draft -> draft.pageKeys = keys);
  }

  public ClientConfig withTransport(TransportConfig config) {
    return with(draft -> draft.transport = config);
  }

  public ClientConfig withCallbackExecutor(Executor executor) {
    return with(draft -> draft.callbackExecutor = Optional.of(executor));
  }

  public ClientConfig withMetrics(MeterRegistry registry) {
    return with(draft -> draft.metrics = Optional.of(registry));
  }

  public ClientConfig withWatch(WatchLimits ofWatches) {
    return with(draft -> draft.watch = ofWatches);
  }

  public ClientConfig withRepeatedWrites(boolean repeats) {
    return with(draft -> draft.repeatsWrites = repeats);
  }

  public ClientConfig withTransactions(TransactionLimits ofTransactions) {
    return with(draft -> draft.transactions = ofTransactions);
  }

  public ClientConfig withNearStore(long id) {
    return with(draft -> draft.nearStore = id);
  }

  /** See {@link #commitSteps}. */
  public ClientConfig withCommitSteps(Predicate<CommitStep> goesOn) {
    return with(draft -> draft.commitSteps = goesOn);
  }

  private ClientConfig with(Consumer<Draft> change) {
    Draft draft = new Draft();
    change.accept(draft);
    return draft.finish();
  }

  /** A copy while it is changed; used by one thread, within one call. */
  private final class Draft {
    private long clusterId = ClientConfig.this.clusterId;
    private Optional<Credentials> credentials = ClientConfig.this.credentials;
    private Duration requestTimeout = ClientConfig.this.requestTimeout;
    private Duration attemptTimeout = ClientConfig.this.attemptTimeout;
    private int maxRequestBytes = ClientConfig.this.maxRequestBytes;
    private StoreLimits limits = ClientConfig.this.limits;
    private int pageKeys = ClientConfig.this.pageKeys;
    private TransportConfig transport = ClientConfig.this.transport;
    private Optional<Executor> callbackExecutor = ClientConfig.this.callbackExecutor;
    private Optional<MeterRegistry> metrics = ClientConfig.this.metrics;
    private WatchLimits watch = ClientConfig.this.watch;
    private boolean repeatsWrites = ClientConfig.this.repeatsWrites;
    private TransactionLimits transactions = ClientConfig.this.transactions;
    private long nearStore = ClientConfig.this.nearStore;
    private Predicate<CommitStep> commitSteps = ClientConfig.this.commitSteps;

    ClientConfig finish() {
      return new ClientConfig(
          placement,
          clusterId,
          credentials,
          requestTimeout,
          attemptTimeout,
          maxRequestBytes,
          limits,
          scanParallelism,
          pageKeys,
          retry,
          transport,
          callbackThreads,
          callbackExecutor,
          metrics,
          watch,
          repeatsWrites,
          transactions,
          nearStore,
          commitSteps);
    }
  }
}
