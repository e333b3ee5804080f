package io.quorate.raft.host;

import io.quorate.raft.transport.TransportConfig;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * What a host of groups is told once, when it is opened.
 *
 * @param clusterId the same on all hosts whose groups may meet, and for the life of their data: it is part of the stored
 *     names of replicas
 * @param storeId this host's, greater than 0
 * @param incarnation drawn when the data directory was made; 0 where the owner has none
 * @param electionTimeout silence of a leader after which a follower may campaign; 100 ms to 60 s
 * @param maxElectionDelay random addition to it
 * @param heartbeat how often a leader is heard of when there is nothing else to say; at most a third of the election timeout
 * @param maxEntryBytes of one proposal; 1 KiB to 64 MiB
 * @param maxLogBytesInMemory per group; soft: beyond it proposals are refused as busy
 * @param snapshotLogBytes log written since the last cut after which a group's log is cut again
 * @param maxLogBytes log kept for slow replicas; beyond it the log is cut all the same and they come back by a snapshot, or,
 *     where the machine has none to give, the host says so, once per doubling
 * @param maxPendingProposals per group, without answer yet; beyond it proposals are refused as busy
 * @param maxPendingReads likewise for read barriers
 * @param maxApplyEntries handed to a state machine at once
 * @param maxApplyBytes likewise, soft
 * @param maxStateBytes of a small machine's snapshot; 64 MiB at most
 * @param barrierTimeout after which a read barrier that no majority confirmed fails
 * @param electionThreads for votes and campaigns, which wait for the disk
 * @param installThreads for snapshots being installed, which wait for the network
 * @param logThreads for appends that wait for the disk; process-wide, the first host decides; of no effect where the JDK has
 *     virtual threads
 * @param transport bounds of the transport
 * @param snapshots bounds of range snapshots
 */
public record RaftConfig(
    long clusterId,
    long storeId,
    long incarnation,
    Duration electionTimeout,
    Duration maxElectionDelay,
    Duration heartbeat,
    int maxEntryBytes,
    long maxLogBytesInMemory,
    long snapshotLogBytes,
    long maxLogBytes,
    int maxPendingProposals,
    int maxPendingReads,
    int maxApplyEntries,
    int maxApplyBytes,
    int maxStateBytes,
    Duration barrierTimeout,
    int electionThreads,
    int installThreads,
    int logThreads,
    TransportConfig transport,
    SnapshotConfig snapshots) {
  /** Beside the entries, what a message carries. */
  private static final int MESSAGE_OVERHEAD = 1 << 20;

  public RaftConfig {
    if (storeId < 1) {
      throw new IllegalArgumentException("store id must be positive: " + storeId);
    }
    long election = electionTimeout.toMillis();
    if (election < 100 || election > 60_000) {
      throw new IllegalArgumentException(
          "election timeout must be 100 ms to 60 s: " + electionTimeout);
    }
    if (heartbeat.toMillis() < 10 || heartbeat.toMillis() * 3 > election) {
      throw new IllegalArgumentException("heartbeat " + heartbeat
          + " must be at least 10 ms and at most a third of the election timeout "
          + electionTimeout);
    }
    if (maxElectionDelay.toMillis() < 1) {
      throw new IllegalArgumentException("election delay must be positive: " + maxElectionDelay);
    }
    if (maxEntryBytes < 1 << 10 || maxEntryBytes > 64 << 20) {
      throw new IllegalArgumentException("maxEntryBytes must be 1 KiB to 64 MiB: " + maxEntryBytes);
    }
    if (maxStateBytes < 1 || maxStateBytes > 64 << 20) {
      throw new IllegalArgumentException("maxStateBytes must be 1 B to 64 MiB: " + maxStateBytes);
    }
    if (maxLogBytesInMemory < maxEntryBytes
        || snapshotLogBytes < 1
        || maxLogBytes < snapshotLogBytes) {
      throw new IllegalArgumentException("log limits out of order: in memory " + maxLogBytesInMemory
          + ", cut after " + snapshotLogBytes + ", at most " + maxLogBytes);
    }
    if (Math.min(maxPendingProposals, maxPendingReads) < 1
        || Math.min(maxApplyEntries, maxApplyBytes) < 1
        || Math.min(electionThreads, installThreads) < 1
        || logThreads < 1) {
      throw new IllegalArgumentException("limits and thread counts must be positive");
    }
  }

  public static RaftConfig defaults(long clusterId, long storeId, long incarnation) {
    return new RaftConfig(
        clusterId,
        storeId,
        incarnation,
        Duration.ofSeconds(1),
        Duration.ofMillis(500),
        Duration.ofMillis(200),
        8 << 20,
        64L << 20,
        4L << 20,
        256L << 20,
        4_096,
        65_536,
        1_024,
        4 << 20,
        64 << 20,
        Duration.ofSeconds(1),
        16,
        8,
        64,
        TransportConfig.defaults(),
        SnapshotConfig.defaults());
  }

  /** What the peer port's server must let in ({@code maxInboundMessageSize}). */
  public int maxMessageBytes() {
    return transport.frameBytes() + maxEntryBytes + MESSAGE_OVERHEAD;
  }

  public RaftConfig withTimeouts(Duration election, Duration delay, Duration beat) {
    return with(draft -> {
      draft.electionTimeout = election;
      draft.maxElectionDelay = delay;
      draft.heartbeat = beat;
    });
  }

  public RaftConfig withSnapshotLogBytes(long cutAfter, long atMost) {
    return with(draft -> {
      draft.snapshotLogBytes = cutAfter;
      draft.maxLogBytes = atMost;
    });
  }

  public RaftConfig withMaxEntryBytes(int bytes) {
    return with(draft -> draft.maxEntryBytes = bytes);
  }

  public RaftConfig withPending(int proposals, int reads) {
    return with(draft -> {
      draft.maxPendingProposals = proposals;
      draft.maxPendingReads = reads;
    });
  }

  public RaftConfig withBarrierTimeout(Duration timeout) {
    return with(draft -> draft.barrierTimeout = timeout);
  }

  public RaftConfig withThreads(int election, int install, int log) {
    return with(draft -> {
      draft.electionThreads = election;
      draft.installThreads = install;
      draft.logThreads = log;
    });
  }

  public RaftConfig withTransport(TransportConfig config) {
    return with(draft -> draft.transport = config);
  }

  public RaftConfig withSnapshots(SnapshotConfig config) {
    return with(draft -> draft.snapshots = config);
  }

  private RaftConfig with(Consumer<Draft> change) {
    Draft draft = new Draft();
    change.accept(draft);
    return draft.finish();
  }

  /** A copy while it is changed; used by one thread, within one call. */
  private final class Draft {
    private Duration electionTimeout = RaftConfig.this.electionTimeout;
    private Duration maxElectionDelay = RaftConfig.this.maxElectionDelay;
    private Duration heartbeat = RaftConfig.this.heartbeat;
    private int maxEntryBytes = RaftConfig.this.maxEntryBytes;
    private long snapshotLogBytes = RaftConfig.this.snapshotLogBytes;
    private long maxLogBytes = RaftConfig.this.maxLogBytes;
    private int maxPendingProposals = RaftConfig.this.maxPendingProposals;
    private int maxPendingReads = RaftConfig.this.maxPendingReads;
    private Duration barrierTimeout = RaftConfig.this.barrierTimeout;
    private int electionThreads = RaftConfig.this.electionThreads;
    private int installThreads = RaftConfig.this.installThreads;
    private int logThreads = RaftConfig.this.logThreads;
    private TransportConfig transport = RaftConfig.this.transport;
    private SnapshotConfig snapshots = RaftConfig.this.snapshots;

    RaftConfig finish() {
      return new RaftConfig(
          clusterId,
          storeId,
          incarnation,
          electionTimeout,
          maxElectionDelay,
          heartbeat,
          maxEntryBytes,
          maxLogBytesInMemory,
          snapshotLogBytes,
          maxLogBytes,
          maxPendingProposals,
          maxPendingReads,
          maxApplyEntries,
          maxApplyBytes,
          maxStateBytes,
          barrierTimeout,
          electionThreads,
          installThreads,
          logThreads,
          transport,
          snapshots);
    }
  }
}
