package io.quorate.raft.counter;

import static org.awaitility.Awaitility.await;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.quorate.raft.GroupId;
import io.quorate.raft.GroupSeed;
import io.quorate.raft.LogException;
import io.quorate.raft.Membership;
import io.quorate.raft.ReplicaId;
import io.quorate.raft.ReplicatedLog;
import io.quorate.raft.host.RaftConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/** Some stores in one process, on loopback, that may be stopped, started and cut off. */
final class CounterCluster implements AutoCloseable {
  private static final long CLUSTER = 0xc0;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Path directory;
  private final UnaryOperator<RaftConfig> settings;
  private final Map<Long, CounterStore> stores = new ConcurrentHashMap<>();
  private final Map<Long, Integer> ports = new ConcurrentHashMap<>();
  private final Partition partition = new Partition();
  private final Map<ManagedChannel, Long> channels = new ConcurrentHashMap<>();
  private final Set<Long> dead = ConcurrentHashMap.newKeySet();

  CounterCluster(Path directory, int size, UnaryOperator<RaftConfig> settings) {
    this.directory = directory;
    this.settings = settings;
    for (long id = 1; id <= size; id++) {
      open(id);
    }
  }

  CounterStore open(long id) {
    // Patient, so that a busy machine does not elect in the middle of a count.
    RaftConfig config = settings.apply(RaftConfig.defaults(CLUSTER, id, 100 + id)
        .withTimeouts(Duration.ofSeconds(3), Duration.ofSeconds(1), Duration.ofMillis(300)));
    CounterStore store = new CounterStore(
        config,
        directory.resolve("store-" + id),
        ports.getOrDefault(id, 0),
        other -> address(id, other),
        this::channel);
    ports.put(id, store.port());
    stores.put(id, store);
    return store;
  }

  /** Carries who asks for whom, for the sake of the partition. */
  private Optional<String> address(long from, long to) {
    return dead.contains(from)
        ? Optional.empty()
        : Optional.ofNullable(ports.get(to)).map(port -> from + "/" + to + "/" + port);
  }

  private ManagedChannel channel(String address) {
    String[] parts = address.split("/", -1);
    long from = Long.parseLong(parts[0]);
    ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", Integer.parseInt(parts[2]))
        .usePlaintext()
        .directExecutor()
        .intercept(partition.between(from, Long.parseLong(parts[1])))
        .build();
    channels.put(channel, from);
    return channel;
  }

  /** What the others see when its process is killed; it knows nothing of it, and is closed with the cluster. */
  void kill(long id) {
    dead.add(id);
    store(id).cutOff();
    channels.forEach((channel, from) -> {
      if (from == id) {
        channel.shutdownNow();
      }
    });
  }

  CounterStore store(long id) {
    CounterStore store = stores.get(id);
    if (store == null) {
      throw new IllegalStateException("store " + id + " is down");
    }
    return store;
  }

  List<CounterStore> stores() {
    return List.copyOf(stores.values());
  }

  Partition partition() {
    return partition;
  }

  static ReplicaId replica(long store, long group) {
    return new ReplicaId(store, group * 100 + store);
  }

  static GroupSeed seedOf(long group, List<Long> on) {
    List<ReplicaId> voters = on.stream().map(store -> replica(store, group)).toList();
    return new GroupSeed(new GroupId(group), 1, 1, Membership.ofVoters(voters));
  }

  /** Makes a group on some of the stores and starts it there. */
  void create(long group, List<Long> on) {
    for (long id : on) {
      store(id).seed(seedOf(group, on));
      store(id).start(new GroupId(group), replica(id, group));
    }
    long first = on.get((int) (group % on.size()));
    store(first).log(group).campaign();
  }

  void stop(long id) {
    CounterStore store = stores.remove(id);
    if (store != null) {
      store.close();
    }
  }

  /** Opens a store again over its data, with the groups it had. */
  CounterStore restart(long id, List<Long> groups) {
    CounterStore store = open(id);
    groups.forEach(group -> store.start(new GroupId(group), replica(id, group)));
    return store;
  }

  /** The store that serves as the group's leader, once there is one. */
  CounterStore leader(long group) {
    return await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(5))
        .until(() -> leaderNow(group), Optional::isPresent)
        .get();
  }

  Optional<CounterStore> leaderNow(long group) {
    return stores.entrySet().stream()
        .filter(entry -> !dead.contains(entry.getKey()))
        .map(Map.Entry::getValue)
        .filter(store -> store.has(group) && store.log(group).leadership().leading())
        .max((a, b) -> Long.compare(
            a.log(group).leadership().term(), b.log(group).leadership().term()));
  }

  /** Adds at whoever leads, again while that is certain not to have happened. */
  long add(long group, String name, long amount) {
    return await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(5))
        .until(() -> tryAdd(group, name, amount), Optional::isPresent)
        .get();
  }

  private Optional<Long> tryAdd(long group, String name, long amount) {
    ReplicatedLog<Long> log = leader(group).log(group);
    try {
      return Optional.of(
          log.propose(Counters.add(name, amount), log.leadership().term()).join());
    } catch (CompletionException e) {
      if (e.getCause() instanceof LogException failure
          && failure.kind() != LogException.Kind.INDETERMINATE) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** A linearizable read at the leader. */
  long read(long group, String name) {
    CounterStore leader = leader(group);
    leader.log(group).readBarrier().join();
    return leader.counters(group).value(name);
  }

  @Override
  public void close() {
    partition.heal();
    List<Long> all = new ArrayList<>(stores.keySet());
    all.forEach(this::stop);
  }
}
