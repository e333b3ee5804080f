package io.quorate.raft.mailbox;

/**
 * How many threads all mailboxes of the process share, however many groups there are.
 *
 * @param computeThreads for stages that wait for nothing, 1 or more
 * @param logThreads for stages that wait for the disk, 1 or more: bounds how many groups can share one sync; of no effect on
 *     JDK 21 and later, where waiting costs a virtual thread
 * @param virtualLogThreads whether to use virtual threads for those where the JDK has them
 */
public record MailboxConfig(int computeThreads, int logThreads, boolean virtualLogThreads) {
  public MailboxConfig {
    if (computeThreads < 1 || logThreads < 1) {
      throw new IllegalArgumentException(
          "mailbox threads must be positive: compute " + computeThreads + ", log " + logThreads);
    }
  }

  /** Little more than a thread per core: more cost wake-ups, fewer let two long applies hold up everyone. */
  public static MailboxConfig defaults() {
    return new MailboxConfig(Math.max(4, Runtime.getRuntime().availableProcessors() + 2), 64, true);
  }

  public MailboxConfig withLogThreads(int threads) {
    return new MailboxConfig(computeThreads, threads, virtualLogThreads);
  }
}
