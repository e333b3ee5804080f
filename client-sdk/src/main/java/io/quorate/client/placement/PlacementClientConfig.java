package io.quorate.client.placement;

import io.quorate.client.transport.Endpoint;
import java.time.Duration;
import java.util.List;

/**
 * Where PD is and how long to wait for it.
 *
 * @param endpoints some or all members of the PD group; the others are learnt
 * @param clusterId the cluster that must answer; 0 takes the first that does
 * @param clientId drawn at random by the process
 * @param requestTimeout how long one request may take, all attempts together
 * @param attemptTimeout silence after which a member is given up and another asked; up to four times
 *     that after failures
 * @param backoffMin first pause between attempts
 * @param backoffMax longest pause between attempts
 * @param maxPendingAsks oracle asks that may wait; more are refused
 * @param maxOracleBatches oracle batches in flight; while they are, the next one fills
 */
public record PlacementClientConfig(
    List<Endpoint> endpoints,
    long clusterId,
    long clientId,
    Duration requestTimeout,
    Duration attemptTimeout,
    Duration backoffMin,
    Duration backoffMax,
    int maxPendingAsks,
    int maxOracleBatches) {
  private static final int ATTEMPT_FACTOR_MAX = 4;

  public PlacementClientConfig {
    endpoints = List.copyOf(endpoints);
    if (endpoints.isEmpty()) {
      throw new IllegalArgumentException("at least one placement driver address is needed");
    }
    if (maxPendingAsks < 1 || maxOracleBatches < 1) {
      throw new IllegalArgumentException("maxPendingAsks and maxOracleBatches must be 1 or more");
    }
  }

  /** 10 s for a request, 1 s for an attempt, pauses of 10 to 300 ms, 2 oracle batches in flight. */
  public static PlacementClientConfig defaults(List<Endpoint> endpoints, long clientId) {
    return new PlacementClientConfig(
        endpoints,
        0,
        clientId,
        Duration.ofSeconds(10),
        Duration.ofSeconds(1),
        Duration.ofMillis(10),
        Duration.ofMillis(300),
        65_536,
        2);
  }

  /** How long the next attempt may take: longer after each failure, in case all are just slow. */
  long patienceNanos(int failures) {
    return attemptTimeout.toNanos() * Math.min(1 + failures, ATTEMPT_FACTOR_MAX);
  }

  public PlacementClientConfig withClusterId(long id) {
    return new PlacementClientConfig(
        endpoints,
        id,
        clientId,
        requestTimeout,
        attemptTimeout,
        backoffMin,
        backoffMax,
        maxPendingAsks,
        maxOracleBatches);
  }

  public PlacementClientConfig withTimeouts(Duration request, Duration attempt) {
    return new PlacementClientConfig(
        endpoints,
        clusterId,
        clientId,
        request,
        attempt,
        backoffMin,
        backoffMax,
        maxPendingAsks,
        maxOracleBatches);
  }
}
