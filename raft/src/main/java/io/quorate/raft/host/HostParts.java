package io.quorate.raft.host;

import io.quorate.raft.storage.PeerIds;
import io.quorate.raft.storage.RaftDatabase;
import io.quorate.raft.transport.RaftTransport;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;

/** What all groups of a host share; owned by the {@link RaftHost}. */
final class HostParts {
  private final RaftConfig config;
  private final RaftDatabase database;
  private final PeerIds peers;
  private final HostThreads threads;
  private final HostTimers timers;
  private final StateExchange states;
  private final RangeExchange ranges;
  private final RaftTransport transport;
  private final Map<Long, Group> groups;
  private final RaftMetrics metrics;
  private final Set<Group> rounds = ConcurrentHashMap.newKeySet();

  HostParts(
      RaftConfig config,
      RaftDatabase database,
      HostThreads threads,
      HostTimers timers,
      StateExchange states,
      RangeExchange ranges,
      RaftTransport transport,
      Map<Long, Group> groups,
      RaftMetrics metrics) {
    this.config = config;
    this.database = database;
    this.peers = new PeerIds(config.clusterId());
    this.threads = threads;
    this.timers = timers;
    this.states = states;
    this.ranges = ranges;
    this.transport = transport;
    this.groups = groups;
    this.metrics = metrics;
  }

  RaftConfig config() {
    return config;
  }

  RaftDatabase database() {
    return database;
  }

  PeerIds peers() {
    return peers;
  }

  HostTimers timers() {
    return timers;
  }

  StateExchange states() {
    return states;
  }

  RangeExchange ranges() {
    return ranges;
  }

  RaftTransport transport() {
    return transport;
  }

  Map<Long, Group> groups() {
    return groups;
  }

  RaftMetrics metrics() {
    return metrics;
  }

  Executor elections() {
    return threads.elections();
  }

  Executor installs() {
    return threads.installs();
  }

  void roundUnderWay(Group group, boolean any) {
    if (any) {
      rounds.add(group);
    } else {
      rounds.remove(group);
    }
  }

  /** Ends read barriers that nobody confirmed in time. */
  void expireRounds() {
    if (!rounds.isEmpty()) {
      long now = System.nanoTime();
      rounds.forEach(group -> group.barrier().expire(now));
    }
  }
}
