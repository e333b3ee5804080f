package io.quorate.placement.node;

import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.micrometer.core.instrument.MeterRegistry;
import io.quorate.auth.Callers;
import io.quorate.placement.cluster.ClusterImage;
import io.quorate.placement.cluster.NotePlanning;
import io.quorate.placement.cluster.PlacementCodec;
import io.quorate.placement.cluster.Ruling;
import io.quorate.placement.metrics.PlacementMetrics;
import io.quorate.placement.oracle.OracleHost;
import io.quorate.placement.registry.RegistryHost;
import io.quorate.proto.PlacementServiceGrpc;
import io.quorate.raft.GroupId;
import io.quorate.raft.GroupSeed;
import io.quorate.raft.Membership;
import io.quorate.raft.ReplicaId;
import io.quorate.raft.ReplicatedLog;
import io.quorate.raft.host.RaftConfig;
import io.quorate.raft.host.RaftHost;
import io.quorate.raft.host.Snapshots;
import io.quorate.raft.storage.RaftDatabase;
import io.quorate.raft.storage.RaftDatabaseConfig;
import java.io.IOException;
import java.net.ServerSocket;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.rocksdb.WriteBatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One running PD: data directory, Raft group, one gRPC port for stores, clients and the other members. The composition root
 * of this module; {@link #start} and {@link #close} are for the thread that owns it.
 */
public final class PlacementNode implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PlacementNode.class);
  private static final GroupId GROUP = new GroupId(1);
  private static final long SEED_INDEX = 1;
  private static final long SEED_TERM = 1;
  private static final int CALL_THREADS = 2;
  private static final Duration KEEP_ALIVE_PERMITTED = Duration.ofSeconds(1);
  private static final Duration HANDOVER_TIMEOUT = Duration.ofSeconds(3);
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(2);
  private static final long MB = 1 << 20;

  private static final long SNAPSHOT_AFTER_BYTES = 16 * MB;
  private static final long LOG_BYTES_MAX = 256 * MB;

  private final PlacementConfig config;
  private final PlacementGroup group;
  private final CompletableFuture<String> failure;
  private final Deque<AutoCloseable> parts;
  private final String address;

  private PlacementNode(
      PlacementConfig config,
      PlacementGroup group,
      CompletableFuture<String> failure,
      Deque<AutoCloseable> parts,
      String address) {
    this.config = config;
    this.group = group;
    this.failure = failure;
    this.parts = parts;
    this.address = address;
  }

  /** Starts without TLS; see {@link #start(PlacementConfig, PlacementParts)}. */
  public static PlacementNode start(PlacementConfig config, MeterRegistry metrics) {
    return start(config, PlacementParts.plaintext(metrics));
  }

  /**
   * Returns once it listens; whether its group has a leader yet is another matter.
   *
   * @throws PlacementStartException if it cannot, with one line for the operator; nothing is left running
   */
  public static PlacementNode start(PlacementConfig config, PlacementParts parts) {
    Deque<AutoCloseable> open = new ArrayDeque<>();
    try {
      return new Assembly(config, parts, open).start();
    } catch (RuntimeException e) {
      closeAll(open);
      throw e;
    }
  }

  /** host:port under which it serves. */
  public String address() {
    return address;
  }

  public long memberId() {
    return config.memberId();
  }

  /** What this member has applied; may be behind the leader's. */
  public ClusterImage image() {
    return group.image();
  }

  /** Whether this member believes that it leads and serves. */
  public boolean isLeading() {
    return group.oracle().isLeading();
  }

  /** Completes with the reason if its Raft group fails here for good: then it must be closed, and its data looked at. */
  public CompletableFuture<String> failure() {
    return failure.copy();
  }

  /** Whether another member leads now, or this one did not. */
  boolean handOver() {
    byte[] probe = PlacementCodec.encode(new NotePlanning(group.image().planning()));
    return new PlacementHandover(group.log(), probe)
        .run(HANDOVER_TIMEOUT, config.electionTimeout());
  }

  /** Hands its leadership over, stops serving, then closes everything below, in bounded time; data stays. */
  @Override
  public void close() {
    if (!parts.isEmpty()) {
      handOver();
    }
    closeAll(parts);
    LOG.info("pd={} stopped", config.memberId());
  }

  private static void closeAll(Deque<AutoCloseable> parts) {
    while (!parts.isEmpty()) {
      try {
        parts.pop().close();
      } catch (Exception e) {
        // Top of the shutdown: what is left must still be closed.
        LOG.warn("a part of PD did not close cleanly", e);
      }
    }
  }

  /** Puts a node together, part by part; what was opened is on the stack. */
  private static final class Assembly {
    private final PlacementConfig config;
    private final PlacementParts parts;
    private final Deque<AutoCloseable> open;
    private final CompletableFuture<String> failure = new CompletableFuture<>();
    private final PlacementStateMachine machine = new PlacementStateMachine();
    private final HostPort listen;
    private volatile Map<Long, String> members;

    Assembly(PlacementConfig config, PlacementParts parts, Deque<AutoCloseable> open) {
      this.config = config;
      this.parts = parts;
      this.open = open;
      listen = HostPort.parse("--listen", config.listen());
      members = config.members();
    }

    PlacementNode start() {
      LongSupplier draw = draw();
      IdentityStore identity = IdentityStore.open(config, draw);
      open.push(identity);
      requireFreePort();
      RaftDatabase db = database();
      open.push(db);
      RaftConfig raftConfig = raftConfig(identity.identity());
      RaftHost host = RaftHost.open(
          raftConfig,
          db,
          member -> Optional.ofNullable(members.get(member)),
          parts.channels(),
          parts.metrics());
      open.push(host);
      seedOnce(identity, host, db);
      ReplicatedLog<Ruling> log = host.start(
          GROUP,
          new ReplicaId(config.memberId(), config.memberId()),
          machine,
          Snapshots.smallState(machine));
      PlacementMetrics metrics = new PlacementMetrics(parts.metrics());
      PlacementGroup group = group(log, metrics);
      ScheduleHost schedules = new ScheduleHost(group, config.limits(), System::nanoTime, metrics);
      group.registry().obey(schedules);
      HistoryHost history =
          new HistoryHost(group, config.history(), System::nanoTime, System::currentTimeMillis);
      String address = serve(host, group, schedules, history, raftConfig);
      PlacementLoop loop = new PlacementLoop(config, group, history, identity, draw);
      open.push(loop);
      ScheduleLoop scheduling = new ScheduleLoop(config.memberId(), schedules, config.limits());
      open.push(scheduling);
      machine.attach(new Events(group, schedules, loop, failure));
      loop.start();
      scheduling.start();
      LOG.info(
          "pd={} listens on {} data={} members={}",
          config.memberId(),
          address,
          config.dataDir(),
          members);
      return new PlacementNode(config, group, failure, open, address);
    }

    private void requireFreePort() {
      if (listen.port() == 0) {
        return;
      }
      try (ServerSocket probe = new ServerSocket()) {
        probe.setReuseAddress(true);
        probe.bind(listen.toSocketAddress());
      } catch (IOException e) {
        throw cannotListen(e);
      }
    }

    private PlacementStartException cannotListen(IOException e) {
      return new PlacementStartException("cannot listen on " + listen + " (" + rootMessage(e)
          + "): stop what listens there, or choose another --listen");
    }

    private RaftDatabase database() {
      try {
        return RaftDatabase.open(
            config.dataDir().resolve("db"),
            List.of(),
            RaftDatabaseConfig.defaults()
                .withBlockCacheBytes(8 * MB)
                .withWriteBufferBytes(16 * MB, 8 * MB));
      } catch (IllegalStateException e) {
        throw new PlacementStartException(
            "the database in " + config.dataDir() + " does not open: " + rootMessage(e));
      }
    }

    private RaftConfig raftConfig(Identity identity) {
      long election = config.electionTimeout().toMillis();
      return RaftConfig.defaults(identity.groupName(), config.memberId(), identity.incarnation())
          .withTimeouts(
              config.electionTimeout(),
              Duration.ofMillis(Math.max(1, election / 2)),
              Duration.ofMillis(Math.max(10, election / 5)))
          .withSnapshotLogBytes(SNAPSHOT_AFTER_BYTES, LOG_BYTES_MAX);
    }

    /** The members all start from the same base; one whose base is gone must not vote as if it had never been. */
    private void seedOnce(IdentityStore identity, RaftHost host, RaftDatabase db) {
      Identity known = identity.identity();
      if (known.seeded()) {
        if (!host.hasState(GROUP)) {
          throw new PlacementStartException(
              "the log of PD member " + config.memberId() + " is gone from " + config.dataDir()
                  + ": restore the directory, or replace this member by a new one");
        }
        return;
      }
      if (!host.hasState(GROUP)) {
        List<ReplicaId> voters =
            known.members().stream().map(id -> new ReplicaId(id, id)).toList();
        try (WriteBatch batch = new WriteBatch()) {
          host.seed(
              batch, new GroupSeed(GROUP, SEED_INDEX, SEED_TERM, Membership.ofVoters(voters)));
          db.write(batch);
          db.sync();
        }
      }
      identity.replace(known.withSeeded());
    }

    private PlacementGroup group(ReplicatedLog<Ruling> log, PlacementMetrics metrics) {
      PlacementGroup group = PlacementGroup.of(
          log,
          machine,
          leader -> new OracleHost(
              log, machine::image, leader, System::nanoTime, config.oracle(), metrics),
          leader -> new RegistryHost(
              machine::image,
              () -> PlacementErrors.notLeader(leader.get()),
              System::nanoTime,
              config.registry(),
              metrics),
          () -> members);
      metrics.cluster(
          () -> machine.image().stores().size(),
          () -> machine.image().regions().size(),
          group.oracle()::isLeading);
      return group;
    }

    private String serve(
        RaftHost host,
        PlacementGroup group,
        ScheduleHost schedules,
        HistoryHost history,
        RaftConfig raftConfig) {
      ExecutorService calls = Executors.newFixedThreadPool(CALL_THREADS, task -> {
        Thread thread = new Thread(task, "pd-" + config.memberId() + "-call");
        thread.setDaemon(true);
        return thread;
      });
      open.push(calls::shutdownNow);
      PasswordHost passwords = new PasswordHost(config.memberId());
      open.push(passwords);
      // Raft messages and revision asks are short and hot: answered on the connection's own thread.
      NettyServerBuilder builder = parts
          .servers()
          .at(listen.toSocketAddress())
          .executor(calls)
          .callExecutor(new HotCalls())
          .maxInboundMessageSize(raftConfig.maxMessageBytes())
          .permitKeepAliveTime(KEEP_ALIVE_PERMITTED.toMillis(), TimeUnit.MILLISECONDS)
          .permitKeepAliveWithoutCalls(true)
          .addService(host.transportService())
          .addService(new PlacementService(config, group))
          .addService(new AdminService(group, schedules))
          .addService(new HistoryService(config, group, history, System::currentTimeMillis))
          .addService(new AuthService(group, parts.key(), passwords))
          .intercept(
              new PlacementGate(parts.key().isPresent(), () -> group.image().auth()));
      // The last one is asked first: who it is, then whether he may.
      parts.key().ifPresent(key -> builder.intercept(Callers.proving(key, parts.certificates())));
      Server server = builder.build();
      try {
        server.start();
      } catch (IOException e) {
        throw cannotListen(e);
      }
      open.push(() -> stop(server));
      String bound = listen.withPort(server.getPort()).toString();
      String reached = config.advertise().isEmpty() ? bound : config.advertise();
      if (config.members().isEmpty()) {
        members = Map.of(config.memberId(), reached);
      }
      return reached;
    }

    private static void stop(Server server) throws InterruptedException {
      server.shutdownNow();
      server.awaitTermination(STOP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static LongSupplier draw() {
      SecureRandom random = new SecureRandom();
      return () -> random.nextLong() | 1;
    }

    private static String rootMessage(Throwable failure) {
      Throwable root = failure;
      while (root.getCause() != null) {
        root = root.getCause();
      }
      String message = root.getMessage();
      return message == null ? root.toString() : message;
    }
  }

  /** Which calls are answered without a change of thread. */
  private static final class HotCalls implements io.grpc.ServerCallExecutorSupplier {
    private static final String ORACLE = PlacementServiceGrpc.getOracleMethod().getFullMethodName();
    private static final String RAFT = "quorate.RaftTransport";

    @Override
    public <Q, A> @org.jspecify.annotations.Nullable Executor getExecutor(
        ServerCall<Q, A> call, io.grpc.Metadata metadata) {
      boolean hot = call.getMethodDescriptor().getFullMethodName().equals(ORACLE)
          || RAFT.equals(call.getMethodDescriptor().getServiceName());
      return hot ? Runnable::run : null;
    }
  }

  /** Hands what the group says to the parts that care. */
  private record Events(
      PlacementGroup group,
      ScheduleHost schedules,
      PlacementLoop loop,
      CompletableFuture<String> failure)
      implements PlacementStateMachine.Listener {
    @Override
    public void onLeading(long term) {
      LOG.info("pd={} leads term={}", group.log().self().store(), term);
      group.registry().onLeading(term);
      schedules.onLeading(term);
      group.oracle().onLeading(term);
      loop.wake();
    }

    @Override
    public void onLeadershipLost(long term) {
      LOG.info("pd={} leads term={} no more", group.log().self().store(), term);
      group.oracle().onLeadershipLost(term);
      schedules.onLeadershipLost(term);
      group.registry().onLeadershipLost(term);
    }

    @Override
    public void onImage() {
      group.registry().onImage();
    }

    @Override
    public void onFailure(String reason) {
      LOG.error("pd={} failed: {}", group.log().self().store(), reason);
      group.oracle().onLeadershipLost(Long.MAX_VALUE);
      schedules.onLeadershipLost(Long.MAX_VALUE);
      group.registry().onLeadershipLost(Long.MAX_VALUE);
      failure.complete(reason);
    }
  }
}
