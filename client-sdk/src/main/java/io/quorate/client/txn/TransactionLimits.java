package io.quorate.client.txn;

import io.quorate.client.retry.Backoff;
import java.time.Duration;

/**
 * Bounds of transactions over several regions.
 *
 * @param attempts of one transaction that others come in the way of, 1 or more; its deadline is a bound, too
 * @param pause between two of them
 * @param lockTtl for how long others wait for this process to show that a transaction lives, 100 ms or more
 * @param maxKeys that one transaction may write, or read as a whole to run on them
 * @param maxBytes that its writes may have
 * @param partBytes that one request to a region may have, unless a single write is larger
 * @param lanes requests of one transaction under way at a time
 * @param background transactions that are answered and not yet settled everywhere; beyond that the answer comes once it is
 * @param resolving transactions of others that are looked into at a time
 */
public record TransactionLimits(
    int attempts,
    Backoff pause,
    Duration lockTtl,
    int maxKeys,
    int maxBytes,
    int partBytes,
    int lanes,
    int background,
    int resolving) {
  private static final long TTL_MIN_MILLIS = 100;

  public TransactionLimits {
    if (attempts < 1
        || maxKeys < 1
        || maxBytes < 1
        || partBytes < 1
        || lanes < 1
        || background < 0
        || resolving < 1) {
      throw new IllegalArgumentException("limits must be 1 or more");
    }
    if (lockTtl.toMillis() < TTL_MIN_MILLIS) {
      throw new IllegalArgumentException(
          "a lock must live for " + TTL_MIN_MILLIS + " ms or more, not " + lockTtl);
    }
  }

  /** 256 attempts with pauses of 2 to 100 ms, locks of 3 s, 20,000 keys, 16 MiB in parts of 1 MiB. */
  public static TransactionLimits defaults() {
    return new TransactionLimits(
        256, new Backoff(2, 100), Duration.ofSeconds(3), 20_000, 16 << 20, 1 << 20, 32, 1024, 256);
  }

  public TransactionLimits withLockTtl(Duration ttl) {
    return new TransactionLimits(
        attempts, pause, ttl, maxKeys, maxBytes, partBytes, lanes, background, resolving);
  }

  public TransactionLimits withAttempts(int most) {
    return new TransactionLimits(
        most, pause, lockTtl, maxKeys, maxBytes, partBytes, lanes, background, resolving);
  }

  public TransactionLimits withMaxKeys(int keys) {
    return new TransactionLimits(
        attempts, pause, lockTtl, keys, maxBytes, partBytes, lanes, background, resolving);
  }
}
