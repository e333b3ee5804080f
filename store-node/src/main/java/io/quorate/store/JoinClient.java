package io.quorate.store;

import io.quorate.client.placement.PlacementClient;
import io.quorate.client.placement.PlacementException;
import io.quorate.model.StoreDescriptor;
import io.quorate.model.StoreId;
import io.quorate.proto.JoinStoreResponse;
import io.quorate.proto.PlacementError;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a store known to PD at its start, and keeps asking while PD cannot be reached.
 *
 * <p>Owner: {@link StoreNode}. Thread: the one that starts the node, which it blocks.
 */
final class JoinClient {
  private static final Logger LOG = LoggerFactory.getLogger(JoinClient.class);

  private static final Duration PAUSE_MIN = Duration.ofMillis(200);
  private static final Duration PAUSE_MAX = Duration.ofSeconds(3);

  /** Asking again cannot help with these. */
  private static final Set<PlacementError.Code> FINAL = Set.of(
      PlacementError.Code.WRONG_CLUSTER,
      PlacementError.Code.UNKNOWN_STORE,
      PlacementError.Code.INVALID,
      PlacementError.Code.STALE);

  private final PlacementClient placement;
  private final StoreConfig config;

  JoinClient(PlacementClient placement, StoreConfig config) {
    this.placement = placement;
    this.config = config;
  }

  /**
   * Joins, or announces the addresses of a store that has joined before.
   *
   * @param self with the identity from the data directory
   * @return the identity that PD confirmed; its incarnation is the one given
   * @throws StoreStartException if PD refuses it, or cannot be reached in time
   */
  StoreIdentity join(StoreIdentity identity, StoreDescriptor self) {
    long deadline = System.nanoTime() + config.pdTimeout().toNanos();
    repeat(deadline, placement::members);
    long cluster = placement.clusterId();
    if (identity.joined() && cluster != 0 && cluster != identity.clusterId()) {
      throw new StoreStartException("data directory " + config.dataDir()
          + " is of a store of cluster "
          + EnvelopeCheck.hex(identity.clusterId()) + ", but the placement driver at " + config.pd()
          + " serves cluster " + EnvelopeCheck.hex(cluster)
          + ": give --pd of the right cluster, or an empty --data-dir");
    }
    placement.identify(
        identity.joined() ? identity.clusterId() : cluster, self.id().value(), self.incarnation());
    JoinStoreResponse answer = repeat(deadline, () -> placement.joinStore(self));
    StoreIdentity joined = identity.joined(answer.getClusterId(), new StoreId(answer.getStoreId()));
    placement.identify(joined.clusterId(), joined.store().value(), joined.incarnation());
    return joined;
  }

  private interface Question<T> {
    CompletableFuture<T> ask();
  }

  private <T> T repeat(long deadline, Question<T> question) {
    Duration pause = PAUSE_MIN;
    while (true) {
      try {
        return question.ask().join();
      } catch (CompletionException e) {
        if (!(e.getCause() instanceof PlacementException failure)) {
          throw e;
        }
        if (FINAL.contains(failure.code())) {
          throw new StoreStartException("the placement driver at " + config.pd()
              + " refuses this store: " + failure.getMessage());
        }
        if (System.nanoTime() - deadline >= 0) {
          throw new StoreStartException("no placement driver could be used within "
              + config.pdTimeout().toSeconds() + " s (" + failure.getMessage()
              + "): start it, or check --pd " + config.pd());
        }
        LOG.info("waiting for the placement driver at {}: {}", config.pd(), failure.getMessage());
        pause(pause);
        pause = pause.compareTo(PAUSE_MAX) < 0 ? pause.multipliedBy(2) : PAUSE_MAX;
      }
    }
  }

  private static void pause(Duration pause) {
    new CompletableFuture<Void>()
        .completeOnTimeout(null, pause.toMillis(), TimeUnit.MILLISECONDS)
        .join();
  }
}
