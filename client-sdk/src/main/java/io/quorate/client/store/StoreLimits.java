package io.quorate.client.store;

import java.time.Duration;

/**
 * Bounds of one connection.
 *
 * @param maxInFlight requests that may wait or be under way, 1 to 1,048,576; more are refused
 * @param maxBatchRequests requests in one message
 * @param maxBatchBytes bytes in one message, unless a single request is larger
 * @param connectTimeout how long a connection may take to come about
 * @param reconnectPause how long a store that refused a connection is left alone
 */
public record StoreLimits(
    int maxInFlight,
    int maxBatchRequests,
    int maxBatchBytes,
    Duration connectTimeout,
    Duration reconnectPause) {
  private static final int IN_FLIGHT_MAX = 1 << 20;

  public StoreLimits {
    if (maxInFlight < 1 || maxInFlight > IN_FLIGHT_MAX) {
      throw new IllegalArgumentException("maxInFlight must be 1 to 1048576, not " + maxInFlight);
    }
    if (maxBatchRequests < 1 || maxBatchBytes < 1) {
      throw new IllegalArgumentException("a batch needs room for one request");
    }
  }

  /** 8,192 in flight, batches of 512 requests or 1 MiB, 1 s to connect, 20 ms between tries. */
  public static StoreLimits defaults() {
    return new StoreLimits(8192, 512, 1 << 20, Duration.ofSeconds(1), Duration.ofMillis(20));
  }

  public StoreLimits withMaxInFlight(int requests) {
    return new StoreLimits(
        requests, maxBatchRequests, maxBatchBytes, connectTimeout, reconnectPause);
  }
}
