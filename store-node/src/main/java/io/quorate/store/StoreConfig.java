package io.quorate.store;

import io.quorate.auth.ClusterKey;
import io.quorate.client.transport.Endpoint;
import io.quorate.region.host.MoveLimits;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * All that a store process can be told.
 *
 * @param addresses where it listens
 * @param pd addresses of placement drivers; one is enough, the others are learned
 * @param dataDir its data directory; made if it is not there
 * @param labels where it stands, most general first by convention (zone, rack, host)
 * @param pdTimeout how long the start waits for a placement driver and for the cluster's bootstrap before it gives up
 * @param shutdownTimeout how long a clean stop may take to hand leaderships over and answer what is in work
 * @param storeBeat how often the store tells PD that it lives
 * @param regionBeat how often an unchanged led region is told to PD
 * @param oracleTimeout after which an ask for revisions counts as failed
 * @param raft timings of elections
 * @param cacheBytes memory for newest versions of keys
 * @param limits bounds of what it takes in
 * @param security TLS of its ports and connections
 * @param split when it cuts regions
 * @param moves bounds of how replicas come and go
 * @param key by which the cluster's processes know each other; absent: they do not, and nobody is asked who he is
 */
public record StoreConfig(
    StoreAddresses addresses,
    List<Endpoint> pd,
    Path dataDir,
    Map<String, String> labels,
    Duration pdTimeout,
    Duration shutdownTimeout,
    Duration storeBeat,
    Duration regionBeat,
    Duration oracleTimeout,
    RaftTimings raft,
    long cacheBytes,
    StoreLimits limits,
    StoreSecurity security,
    SplitConfig split,
    MoveLimits moves,
    Optional<ClusterKey> key) {
  public StoreConfig {
    pd = List.copyOf(pd);
    labels = Map.copyOf(labels);
    if (pd.isEmpty()) {
      throw new IllegalArgumentException("no placement driver given: say --pd HOST:PORT");
    }
    if (cacheBytes < 0) {
      throw new IllegalArgumentException("the cache cannot have " + cacheBytes + " bytes");
    }
  }

  /**
   * How a store's Raft groups elect.
   *
   * @param electionTimeout silence of a leader after which the others elect; elections come up to half of it later
   * @param heartbeat how often a leader is heard; at most a third of the election timeout
   */
  public record RaftTimings(Duration electionTimeout, Duration heartbeat) {
    public RaftTimings {
      if (heartbeat.multipliedBy(3).compareTo(electionTimeout) > 0) {
        throw new IllegalArgumentException("the Raft heartbeat (" + heartbeat.toMillis()
            + " ms) must be at most a third of the election timeout (" + electionTimeout.toMillis()
            + " ms)");
      }
    }

    public static RaftTimings defaults() {
      return new RaftTimings(Duration.ofSeconds(1), Duration.ofMillis(200));
    }
  }

  public static StoreConfig defaults(StoreAddresses addresses, List<Endpoint> pd, Path dataDir) {
    return new StoreConfig(
        addresses,
        pd,
        dataDir,
        Map.of(),
        Duration.ofSeconds(60),
        Duration.ofSeconds(10),
        Duration.ofSeconds(1),
        Duration.ofSeconds(10),
        Duration.ofSeconds(3),
        RaftTimings.defaults(),
        64L << 20,
        StoreLimits.defaults(),
        StoreSecurity.plaintext(),
        SplitConfig.defaults(),
        MoveLimits.defaults(),
        Optional.empty());
  }

  public StoreConfig withLabels(Map<String, String> newLabels) {
    return with(draft -> draft.labels = newLabels);
  }

  public StoreConfig withTimeouts(Duration forPd, Duration forShutdown) {
    return with(draft -> {
      draft.pdTimeout = forPd;
      draft.shutdownTimeout = forShutdown;
    });
  }

  public StoreConfig withRaft(RaftTimings timings) {
    return with(draft -> draft.raft = timings);
  }

  public StoreConfig withBounds(long newCacheBytes, StoreLimits newLimits) {
    return with(draft -> {
      draft.cacheBytes = newCacheBytes;
      draft.limits = newLimits;
    });
  }

  public StoreConfig withSecurity(StoreSecurity tls) {
    return with(draft -> draft.security = tls);
  }

  public StoreConfig withSplit(SplitConfig newSplit) {
    return with(draft -> draft.split = newSplit);
  }

  public StoreConfig withMoves(MoveLimits newMoves) {
    return with(draft -> draft.moves = newMoves);
  }

  public StoreConfig withKey(Optional<ClusterKey> shared) {
    return with(draft -> draft.key = shared);
  }

  private StoreConfig with(Consumer<Draft> change) {
    Draft draft = new Draft();
    change.accept(draft);
    return draft.finish();
  }

  /** A copy while it is changed; used by one thread, within one call. */
  private final class Draft {
    private Map<String, String> labels = StoreConfig.this.labels;
    private Duration pdTimeout = StoreConfig.this.pdTimeout;
    private Duration shutdownTimeout = StoreConfig.this.shutdownTimeout;
    private RaftTimings raft = StoreConfig.this.raft;
    private long cacheBytes = StoreConfig.this.cacheBytes;
    private StoreLimits limits = StoreConfig.this.limits;
    private StoreSecurity security = StoreConfig.this.security;
    private SplitConfig split = StoreConfig.this.split;
    private MoveLimits moves = StoreConfig.this.moves;
    private Optional<ClusterKey> key = StoreConfig.this.key;

    StoreConfig finish() {
      return new StoreConfig(
          addresses,
          pd,
          dataDir,
          labels,
          pdTimeout,
          shutdownTimeout,
          storeBeat,
          regionBeat,
          oracleTimeout,
          raft,
          cacheBytes,
          limits,
          security,
          split,
          moves,
          key);
    }
  }
}
