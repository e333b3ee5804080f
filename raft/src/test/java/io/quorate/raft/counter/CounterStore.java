package io.quorate.raft.counter;

import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quorate.raft.GroupId;
import io.quorate.raft.GroupSeed;
import io.quorate.raft.ReplicaId;
import io.quorate.raft.ReplicatedLog;
import io.quorate.raft.StateMachine;
import io.quorate.raft.host.RaftConfig;
import io.quorate.raft.host.RaftHost;
import io.quorate.raft.host.Snapshots;
import io.quorate.raft.storage.FamilySpec;
import io.quorate.raft.storage.RaftDatabase;
import io.quorate.raft.storage.RaftDatabaseConfig;
import io.quorate.raft.transport.ChannelFactory;
import io.quorate.raft.transport.PeerAddresses;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.rocksdb.WriteBatch;

/** One store of counters: a database, a host of groups, and a server for the other stores. */
final class CounterStore implements AutoCloseable {
  private final long id;
  private final RaftDatabase database;
  private final RaftHost host;
  private final Server server;
  private final Map<Long, Counters> machines = new ConcurrentHashMap<>();
  private final Map<Long, ReplicatedLog<Long>> logs = new ConcurrentHashMap<>();

  CounterStore(
      RaftConfig config,
      Path directory,
      int port,
      PeerAddresses addresses,
      ChannelFactory channels) {
    this.id = config.storeId();
    this.database = RaftDatabase.open(
        directory,
        List.of(new FamilySpec("counters", family -> {})),
        RaftDatabaseConfig.defaults());
    this.host = RaftHost.open(config, database, addresses, channels, new SimpleMeterRegistry());
    try {
      this.server = NettyServerBuilder.forAddress(
              new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
          .directExecutor()
          .maxInboundMessageSize(config.maxMessageBytes())
          .addService(host.transportService())
          .build()
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  long id() {
    return id;
  }

  int port() {
    return server.getPort();
  }

  RaftHost host() {
    return host;
  }

  RaftDatabase database() {
    return database;
  }

  /** The first state of a group, once in its life and alike on all its first replicas. */
  void seed(GroupSeed seed) {
    try (WriteBatch batch = new WriteBatch()) {
      host.seed(batch, seed);
      database.write(batch);
    }
  }

  ReplicatedLog<Long> start(GroupId group, ReplicaId self) {
    Counters machine = new Counters();
    machines.put(group.value(), machine);
    return start(group, self, machine, Snapshots.smallState(machine));
  }

  ReplicatedLog<Long> start(
      GroupId group, ReplicaId self, StateMachine<Long> machine, Snapshots kind) {
    ReplicatedLog<Long> log = host.start(group, self, machine, kind);
    logs.put(group.value(), log);
    return log;
  }

  ReplicatedLog<Long> log(long group) {
    ReplicatedLog<Long> log = logs.get(group);
    if (log == null) {
      throw new IllegalStateException("store " + id + " has no group " + group);
    }
    return log;
  }

  boolean has(long group) {
    return logs.containsKey(group);
  }

  Counters counters(long group) {
    Counters machine = machines.get(group);
    if (machine == null) {
      throw new IllegalStateException("store " + id + " has no counters of group " + group);
    }
    return machine;
  }

  /** Ends at once what others see of it, as a killed process would. */
  void cutOff() {
    server.shutdownNow();
  }

  @Override
  public void close() {
    host.close();
    server.shutdownNow();
    try {
      server.awaitTermination();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    database.close();
  }
}
