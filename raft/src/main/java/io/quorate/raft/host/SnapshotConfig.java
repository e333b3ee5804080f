package io.quorate.raft.host;

import java.time.Duration;

/**
 * Bounds of the snapshots that a host sends and receives.
 *
 * @param maxSending sent at a time; more are refused and asked for again
 * @param maxReceiving received at a time, likewise
 * @param bytesPerSecond sent at most, all together
 * @param pieceBytes of one message; 4 KiB to 2 MiB
 * @param keep how long one that nobody fetches any more is kept for a retry: a fresher one would cancel the copy that runs
 * @param installTimeout after which the leader asks again whether a replica has installed it
 */
public record SnapshotConfig(
    int maxSending,
    int maxReceiving,
    long bytesPerSecond,
    int pieceBytes,
    Duration keep,
    Duration installTimeout) {
  public SnapshotConfig {
    if (maxSending < 1
        || maxReceiving < 1
        || bytesPerSecond < pieceBytes
        || pieceBytes < 4 << 10
        || pieceBytes > 2 << 20) {
      throw new IllegalArgumentException("snapshot limits make no sense: sending " + maxSending
          + ", receiving " + maxReceiving + ", bytes per second " + bytesPerSecond + ", piece "
          + pieceBytes);
    }
  }

  public static SnapshotConfig defaults() {
    return new SnapshotConfig(
        4, 4, 100L << 20, 256 << 10, Duration.ofSeconds(30), Duration.ofMinutes(5));
  }
}
