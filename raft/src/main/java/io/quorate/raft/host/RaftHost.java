package io.quorate.raft.host;

import com.alipay.sofa.jraft.NodeManager;
import com.google.protobuf.ByteString;
import io.grpc.BindableService;
import io.micrometer.core.instrument.MeterRegistry;
import io.quorate.proto.TruncationBound;
import io.quorate.raft.GroupId;
import io.quorate.raft.GroupSeed;
import io.quorate.raft.ReplicaId;
import io.quorate.raft.ReplicatedLog;
import io.quorate.raft.StateMachine;
import io.quorate.raft.mailbox.DisruptorGuard;
import io.quorate.raft.mailbox.MailboxConfig;
import io.quorate.raft.mailbox.MailboxThreads;
import io.quorate.raft.storage.DatabaseMetrics;
import io.quorate.raft.storage.GroupSeeds;
import io.quorate.raft.storage.PeerIds;
import io.quorate.raft.storage.RaftDatabase;
import io.quorate.raft.transport.ChannelFactory;
import io.quorate.raft.transport.PeerAddresses;
import io.quorate.raft.transport.RaftTransport;
import io.quorate.raft.transport.StoreIdentity;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.rocksdb.WriteBatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The groups of one store, on shared threads, one database and one transport. Owned by the store's process, which also owns
 * the database and the gRPC server; several hosts may live in one process. Any thread.
 */
public final class RaftHost implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RaftHost.class);
  private static final AtomicInteger HOSTS = new AtomicInteger();
  private static final long CUT_EVERY_MILLIS = 1000;
  private static final long EXPIRE_EVERY_MILLIS = 50;
  private static final int STOPPED_AT_ONCE = 8;
  private static final String OLD_MESSAGES_ACCEPTED =
      "com.google.protobuf.use_unsafe_pre22_gencode";
  private static final String OLD_MESSAGES_REFUSED =
      "com.google.protobuf.error_on_unsafe_pre22_gencode";

  private final RaftConfig config;
  private final Map<Long, Group> groups = new ConcurrentHashMap<>();
  private final HostThreads threads;
  private final HostTimers timers;
  private final RaftTransport transport;
  private final HostParts parts;
  private final GroupSeeds seeds;
  private final RangeExchange ranges;
  private final HostInbound inbound;
  /** Tells this host's nodes from those of other hosts in jraft's registry, which is one per process. */
  private final int number = HOSTS.incrementAndGet();

  private volatile boolean closed;

  private RaftHost(
      RaftConfig config,
      RaftDatabase database,
      PeerAddresses addresses,
      ChannelFactory channels,
      MeterRegistry metrics) {
    this.config = config;
    this.seeds = new GroupSeeds(database);
    this.threads = new HostThreads(config);
    this.timers =
        new HostTimers(config.storeId(), MailboxThreads.shared().compute(), threads.elections());
    AtomicReference<RaftTransport> made = new AtomicReference<>();
    StateExchange states = new StateExchange(
        config.storeId(),
        config.maxStateBytes(),
        5 * config.electionTimeout().toMillis(),
        made::get);
    this.ranges = new RangeExchange(
        config.storeId(),
        config.snapshots(),
        database.directory().resolve("snapshots"),
        threads.senders(),
        made::get);
    this.inbound =
        new HostInbound(config.storeId(), config.transport(), groups, states, () -> ranges);
    this.transport = new RaftTransport(
        new StoreIdentity(config.clusterId(), config.storeId(), config.incarnation()),
        config.transport(),
        addresses,
        channels,
        inbound);
    made.set(transport);
    DatabaseMetrics.bind(metrics, database);
    RaftMetrics meters = new RaftMetrics(metrics, groups);
    ranges.bind(metrics);
    this.parts =
        new HostParts(config, database, threads, timers, states, ranges, transport, groups, meters);
  }

  /**
   * Opens the host; no group runs yet.
   *
   * @param database of this store, closed by the caller after the host
   * @param addresses where the other stores' peer ports are
   * @param channels how to connect to them
   * @param metrics where the host's numbers go
   */
  public static RaftHost open(
      RaftConfig config,
      RaftDatabase database,
      PeerAddresses addresses,
      ChannelFactory channels,
      MeterRegistry metrics) {
    DisruptorGuard.check();
    MailboxThreads.configure(MailboxConfig.defaults().withLogThreads(config.logThreads()));
    JraftThreads.adopt();
    acceptOldMessages();
    NodeManager.getInstance()
        .addAddress(new PeerIds(config.clusterId()).endpoint(config.storeId()));
    RaftHost host = new RaftHost(config, database, addresses, channels, metrics);
    host.begin();
    return host;
  }

  /**
   * jraft's messages were generated by an old protoc; protobuf would warn once per type. The property is the whole process's:
   * an embedder that has said what it wants of such messages keeps that.
   */
  private static void acceptOldMessages() {
    if (System.getProperty(OLD_MESSAGES_REFUSED) == null) {
      System.getProperties().putIfAbsent(OLD_MESSAGES_ACCEPTED, "true");
    }
  }

  private void begin() {
    ranges.begin();
    timers.every(config.transport().tick().toMillis(), transport::tick);
    timers.every(EXPIRE_EVERY_MILLIS, parts::expireRounds);
    timers.every(EXPIRE_EVERY_MILLIS, inbound::expireVotes);
    timers.every(CUT_EVERY_MILLIS, () -> JraftThreads.callbacks().execute(this::cutLogs));
  }

  /** What the owner adds to the server on its peer port; let in messages of {@link RaftConfig#maxMessageBytes}. */
  public BindableService transportService() {
    return transport.service();
  }

  /** Says who hears of replicas that leaders send to and that are not here; nobody else is told. */
  public void onMissing(MissingReplica listener) {
    inbound.onMissing(listener);
  }

  /** Says who hears what other stores' owners {@link #say}. */
  public void onWord(WordListener listener) {
    inbound.onWord(listener);
  }

  /** Says something to the owner of another store's groups; it may be lost, and arrives at most once. */
  public void say(long store, byte[] word) {
    if (!closed) {
      transport.link(store).word(ByteString.copyFrom(word));
    }
  }

  /** Adds a group's first state to the caller's batch; write it before {@link #start}. */
  public void seed(WriteBatch batch, GroupSeed seed) {
    seeds.seed(batch, seed);
  }

  /** Whether the database holds anything of the group: then it must not be seeded. */
  public boolean hasState(GroupId group) {
    return seeds.hasState(group);
  }

  /** Whether a replica of the group runs here. */
  public boolean runs(GroupId group) {
    return groups.containsKey(group.value());
  }

  /** All groups the database holds something of. */
  public List<GroupId> groupsOnDisk() {
    return seeds.listGroups();
  }

  /** Adds the removal of a stopped group's log and Raft state to the caller's batch. */
  public void delete(WriteBatch batch, GroupId group) {
    if (groups.containsKey(group.value())) {
      throw new IllegalStateException("group=" + group + " still runs");
    }
    seeds.delete(batch, group);
  }

  /**
   * Adds to the caller's batch that a stopped group is empty here: it keeps what it promised to candidates and nothing else,
   * and neither votes nor campaigns until a snapshot comes.
   */
  public void empty(WriteBatch batch, GroupId group) {
    if (groups.containsKey(group.value())) {
      throw new IllegalStateException("group=" + group + " still runs");
    }
    seeds.empty(batch, group);
  }

  /**
   * Starts this store's replica of a group. The machine may be called before this returns.
   *
   * @param group was seeded or ran before; one that can be sent its state may also be empty, to be filled once its leader adds
   *     it
   * @param self on this host's store
   * @throws IllegalStateException saying why it does not start
   */
  public <R> ReplicatedLog<R> start(
      GroupId group, ReplicaId self, StateMachine<R> machine, Snapshots kind) {
    if (self.store() != config.storeId()) {
      throw new IllegalArgumentException(self + " is not a replica of store " + config.storeId());
    }
    if (kind instanceof Snapshots.SelfPersisted persisted
        && persisted.ranges().isEmpty()
        && !hasState(group)) {
      throw new IllegalStateException("group=" + group + " has no state to start from");
    }
    Group started =
        new Group(group, self, parts, machine, kind, "g" + group.value() + "-h" + number);
    if (closed || groups.putIfAbsent(group.value(), started) != null) {
      throw new IllegalStateException("group=" + group + (closed ? ": host closed" : " runs"));
    }
    boolean up = false;
    try {
      started.start();
      up = true;
    } finally {
      if (!up) {
        groups.remove(group.value());
        started.stop();
      }
    }
    inbound.started(group);
    return new JraftLog<>(started, config, threads.elections(), timers);
  }

  /**
   * Stops a group's replica and waits until it is down; its data stay.
   *
   * @throws IllegalStateException if it does not come down in time: it may still write, so nothing of it may be deleted. It
   *     serves no more, and can be stopped again
   */
  public void stop(GroupId group) {
    Group stopped = groups.get(group.value());
    if (stopped != null) {
      if (!stopped.stop()) {
        throw new IllegalStateException("group=" + group + " does not come down");
      }
      groups.remove(group.value(), stopped);
      ranges.withdraw(group);
    }
  }

  /** Bytes of a running group's log written since it was last cut, or since it was started. */
  public Optional<Long> logBytes(GroupId group) {
    return Optional.ofNullable(groups.get(group.value()))
        .map(running -> running.logCut().logBytes());
  }

  private void cutLogs() {
    ranges.expire();
    Map<Long, List<TruncationBound>> messages = new HashMap<>();
    for (Group group : groups.values()) {
      if (group.logCut().logBytes() >= config.snapshotLogBytes()) {
        group.followers().replicated().ifPresent(index -> {
          group.logCut().bound(index);
          tell(group, index, messages);
        });
        group.logCut().maybeCut();
      }
    }
    messages.forEach((store, bounds) -> transport.link(store).bounds(bounds));
  }

  private void tell(Group group, long index, Map<Long, List<TruncationBound>> messages) {
    TruncationBound bound = TruncationBound.newBuilder()
        .setGroupId(group.id().value())
        .setTerm(group.leadership().leadingTerm())
        .setIndex(index)
        .build();
    Set<Long> stores = new TreeSet<>();
    group.membership().voters().forEach(replica -> stores.add(replica.store()));
    group.membership().learners().forEach(replica -> stores.add(replica.store()));
    stores.remove(config.storeId());
    stores.forEach(
        store -> messages.computeIfAbsent(store, id -> new ArrayList<>()).add(bound));
  }

  /** Stops all groups, handing over their leaderships where others can take them, and ends all threads of this host. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    ExecutorService stopping = Executors.newFixedThreadPool(STOPPED_AT_ONCE);
    List<Future<?>> stops = new ArrayList<>();
    for (GroupId group : groups.values().stream().map(Group::id).toList()) {
      stops.add(stopping.submit(() -> stop(group)));
    }
    for (Future<?> stop : stops) {
      await(stop);
    }
    stopping.shutdown();
    transport.close();
    timers.close();
    threads.close();
    ranges.close();
    log.info("store {}: raft host closed, {} groups stopped", config.storeId(), stops.size());
  }

  private static void await(Future<?> stop) {
    try {
      stop.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (java.util.concurrent.ExecutionException e) {
      log.error("a group did not stop", e.getCause());
    }
  }
}
