package io.quorate.bench.multiraft;

import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quorate.raft.GroupId;
import io.quorate.raft.GroupSeed;
import io.quorate.raft.LogEntry;
import io.quorate.raft.Membership;
import io.quorate.raft.ReplicaId;
import io.quorate.raft.ReplicatedLog;
import io.quorate.raft.StateMachine;
import io.quorate.raft.host.RaftConfig;
import io.quorate.raft.host.RaftHost;
import io.quorate.raft.host.Snapshots;
import io.quorate.raft.storage.RaftDatabase;
import io.quorate.raft.storage.RaftDatabaseConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/** Three Raft hosts in this JVM over loopback and real disks, with N groups of three; owned by the benchmark's thread. */
final class RaftTrio implements AutoCloseable {
  private static final int STORES = 3;
  private static final int MESSAGE_BYTES_MAX = 64 << 20;

  /** Counts entries and keeps nothing: what is measured is the log. */
  private static final class Counter implements StateMachine<Long> {
    @Override
    public long appliedIndex() {
      return 0;
    }

    @Override
    public List<Long> apply(List<LogEntry> entries) {
      return entries.stream().map(LogEntry::index).toList();
    }
  }

  private final Path folder;
  private final List<RaftDatabase> databases = new ArrayList<>();
  private final List<RaftHost> hosts = new ArrayList<>();
  private final List<Server> servers = new ArrayList<>();
  private final Map<Long, String> addresses = new ConcurrentHashMap<>();
  private final List<List<ReplicatedLog<Long>>> groups = new ArrayList<>();

  RaftTrio(Path parent, Duration electionTimeout) throws IOException {
    folder = Files.createTempDirectory(parent, "raft-trio");
    for (long store = 1; store <= STORES; store++) {
      RaftDatabase database = RaftDatabase.open(
          folder.resolve("store-" + store), List.of(), RaftDatabaseConfig.defaults());
      databases.add(database);
      RaftConfig config = RaftConfig.defaults(1, store, store)
          .withTimeouts(
              electionTimeout, electionTimeout.dividedBy(2), electionTimeout.dividedBy(5));
      RaftHost host = RaftHost.open(
          config,
          database,
          id -> Optional.ofNullable(addresses.get(id)),
          RaftTrio::channel,
          new SimpleMeterRegistry());
      hosts.add(host);
      Server server = NettyServerBuilder.forAddress(
              new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
          .addService(host.transportService())
          .maxInboundMessageSize(MESSAGE_BYTES_MAX)
          .directExecutor()
          .build()
          .start();
      servers.add(server);
      addresses.put(store, "127.0.0.1:" + server.getPort());
    }
  }

  private static ManagedChannel channel(String address) {
    return NettyChannelBuilder.forTarget(address)
        .usePlaintext()
        .maxInboundMessageSize(MESSAGE_BYTES_MAX)
        .build();
  }

  /** Seeds and starts so many groups on all three; leaders come by ordinary elections. */
  void start(int count) throws RocksDBException {
    for (long id = 1; id <= count; id++) {
      GroupId group = new GroupId(id);
      Membership members = Membership.ofVoters(LongStream.rangeClosed(1, STORES)
          .mapToObj(store -> new ReplicaId(store, store))
          .toList());
      List<ReplicatedLog<Long>> replicas = new ArrayList<>();
      for (int i = 0; i < STORES; i++) {
        try (WriteBatch batch = new WriteBatch()) {
          hosts.get(i).seed(batch, new GroupSeed(group, 1, 1, members));
          databases.get(i).write(batch);
        }
      }
      for (int i = 0; i < STORES; i++) {
        replicas.add(hosts
            .get(i)
            .start(group, new ReplicaId(i + 1, i + 1), new Counter(), Snapshots.selfPersisted()));
      }
      groups.add(replicas);
    }
  }

  /** Each group's leader; empty while one has none. */
  List<Optional<ReplicatedLog<Long>>> leaders() {
    return groups.stream()
        .map(replicas ->
            replicas.stream().filter(log -> log.leadership().leading()).findFirst())
        .toList();
  }

  @Override
  public void close() throws IOException {
    hosts.forEach(RaftHost::close);
    servers.forEach(Server::shutdownNow);
    Collections.reverse(databases);
    databases.forEach(RaftDatabase::close);
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
