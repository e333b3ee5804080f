package io.quorate.region.host;

import io.quorate.model.Protocol;
import java.time.Duration;

/**
 * Bounds of one region's queues and batches.
 *
 * @param maxQueuedWrites writes waiting to be proposed; more are answered ServerBusy
 * @param maxQueuedWriteBytes of requests waiting to be proposed
 * @param maxWaitingReads reads waiting for their turn or their answer
 * @param maxBatchCommands commands in one log entry
 * @param maxBatchBytes of requests in one log entry; a greater single request travels alone
 * @param maxInFlightEntries entries asked for or proposed and not yet answered
 * @param maxReadRounds rounds of each kind (with and without oracle) under way at once
 * @param maxRestamps times a command is given a new stamp before it is refused as busy
 * @param maxRequestBytes of one request
 * @param maxTxnOperations operations in one branch of a transaction
 * @param maxPageBytes after which a page of a range ends
 * @param defaultTimeout of a request that names none
 * @param oracleTimeout after which an unanswered ask counts as failed
 * @param fenceAfter time after which a proposal of unknown outcome is followed by an empty entry, so that it is known
 */
public record RegionHostConfig(
    int maxQueuedWrites,
    long maxQueuedWriteBytes,
    int maxWaitingReads,
    int maxBatchCommands,
    int maxBatchBytes,
    int maxInFlightEntries,
    int maxReadRounds,
    int maxRestamps,
    int maxRequestBytes,
    int maxTxnOperations,
    int maxPageBytes,
    Duration defaultTimeout,
    Duration oracleTimeout,
    Duration fenceAfter) {
  public static RegionHostConfig defaults() {
    return new RegionHostConfig(
        4096,
        64L << 20,
        16384,
        256,
        1 << 20,
        3,
        2,
        8,
        Protocol.MAX_REQUEST_BYTES,
        Protocol.MAX_TXN_OPERATIONS,
        1 << 20,
        Duration.ofSeconds(10),
        Duration.ofSeconds(3),
        Duration.ofMillis(300));
  }
}
