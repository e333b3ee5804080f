package io.quorate.raft.storage;

/**
 * What the one database of a store may use, all families together.
 *
 * @param blockCacheBytes for blocks, filters and indexes read from files
 * @param writeBufferBytes for unflushed writes of all families; when exceeded the oldest is flushed
 * @param logWriteBufferBytes of these for one buffer of family {@code log}: entries cut before it is flushed never reach a
 *     file
 * @param walBytes write-ahead log kept; when exceeded the families that hold it back are flushed
 * @param backgroundJobs flushes and compactions at a time
 * @param commitBatchBytes most that one synced write carries
 * @param commitQueueBytes most that waits for the next one; beyond it appenders wait
 * @param syncLog whether appends are synced; only tests and throw-away clusters may say no
 */
public record RaftDatabaseConfig(
    long blockCacheBytes,
    long writeBufferBytes,
    long logWriteBufferBytes,
    long walBytes,
    int backgroundJobs,
    int commitBatchBytes,
    long commitQueueBytes,
    boolean syncLog) {
  private static final long MB = 1 << 20;

  public RaftDatabaseConfig {
    if (blockCacheBytes < 0
        || writeBufferBytes < MB
        || logWriteBufferBytes < MB
        || walBytes < MB
        || backgroundJobs < 1
        || commitBatchBytes < 1
        || commitQueueBytes < commitBatchBytes) {
      throw new IllegalArgumentException(
          "database limits make no sense: cache " + blockCacheBytes + ", write buffers "
              + writeBufferBytes + ", log buffer " + logWriteBufferBytes + ", WAL " + walBytes
              + ", jobs " + backgroundJobs
              + ", commit batch " + commitBatchBytes + ", commit queue " + commitQueueBytes);
    }
  }

  public static RaftDatabaseConfig defaults() {
    return new RaftDatabaseConfig(
        64 * MB, 96 * MB, 32 * MB, 256 * MB, 2, (int) (4 * MB), 64 * MB, true);
  }

  public RaftDatabaseConfig withBlockCacheBytes(long bytes) {
    return new RaftDatabaseConfig(
        bytes,
        writeBufferBytes,
        logWriteBufferBytes,
        walBytes,
        backgroundJobs,
        commitBatchBytes,
        commitQueueBytes,
        syncLog);
  }

  public RaftDatabaseConfig withWriteBufferBytes(long bytes, long logBytes) {
    return new RaftDatabaseConfig(
        blockCacheBytes,
        bytes,
        logBytes,
        walBytes,
        backgroundJobs,
        commitBatchBytes,
        commitQueueBytes,
        syncLog);
  }

  public RaftDatabaseConfig withCommit(int batchBytes, long queueBytes) {
    return new RaftDatabaseConfig(
        blockCacheBytes,
        writeBufferBytes,
        logWriteBufferBytes,
        walBytes,
        backgroundJobs,
        batchBytes,
        queueBytes,
        syncLog);
  }

  public RaftDatabaseConfig withSyncLog(boolean sync) {
    return new RaftDatabaseConfig(
        blockCacheBytes,
        writeBufferBytes,
        logWriteBufferBytes,
        walBytes,
        backgroundJobs,
        commitBatchBytes,
        commitQueueBytes,
        sync);
  }
}
