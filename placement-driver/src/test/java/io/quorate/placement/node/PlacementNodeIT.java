package io.quorate.placement.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quorate.model.Bytes;
import io.quorate.placement.oracle.OracleLimits;
import io.quorate.placement.registry.RegistryLimits;
import io.quorate.proto.AllocateIdsRequest;
import io.quorate.proto.CompactRequest;
import io.quorate.proto.CompactResponse;
import io.quorate.proto.HeartbeatResponse;
import io.quorate.proto.HoldBarrierRequest;
import io.quorate.proto.JoinStoreResponse;
import io.quorate.proto.KeyRange;
import io.quorate.proto.ListStoresRequest;
import io.quorate.proto.LookupRegionsRequest;
import io.quorate.proto.LookupRegionsResponse;
import io.quorate.proto.MembersResponse;
import io.quorate.proto.OracleResponse;
import io.quorate.proto.PlacementError;
import io.quorate.proto.RaiseRevisionRequest;
import io.quorate.proto.RegionsChanged;
import io.quorate.proto.RenewBarrierRequest;
import io.quorate.proto.ShowHistoryRequest;
import io.quorate.proto.ShowHistoryResponse;
import io.quorate.proto.WatchRegionsRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real PDs on real sockets and disks in this JVM. */
class PlacementNodeIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir
  Path dir;

  private final Map<Long, PlacementNode> running = new HashMap<>();

  @AfterEach
  void stopAll() {
    running.values().forEach(PlacementNode::close);
  }

  private PlacementConfig alone() {
    return PlacementConfig.defaults(dir.resolve("pd")).withListen("127.0.0.1:0");
  }

  private PlacementNode start(PlacementConfig config) {
    PlacementNode node = PlacementNode.start(config, new SimpleMeterRegistry());
    running.put(config.memberId(), node);
    return node;
  }

  private void stop(PlacementNode node) {
    running.remove(node.memberId());
    node.close();
  }

  private List<PlacementConfig> three() throws IOException {
    Map<Long, String> members = new HashMap<>();
    List<ServerSocket> sockets = new ArrayList<>();
    for (long id = 1; id <= 3; id++) {
      ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
      sockets.add(socket);
      members.put(id, "127.0.0.1:" + socket.getLocalPort());
    }
    for (ServerSocket socket : sockets) {
      socket.close();
    }
    List<PlacementConfig> configs = new ArrayList<>();
    members.forEach((id, address) -> configs.add(PlacementConfig.defaults(dir.resolve("pd" + id))
        .withMember(id, address, "", members)
        .withBootstrap(3, List.of(Bytes.utf8("g"), Bytes.utf8("p")), 3)
        .withTimings(Duration.ofMillis(500), Duration.ofMillis(50))
        .withLimits(new OracleLimits(1_000, 100, 1_000), RegistryLimits.defaults())));
    return configs;
  }

  private PlacementNode leader() {
    await()
        .atMost(PATIENCE)
        .until(() -> running.values().stream().anyMatch(PlacementNode::isLeading)
            && running.values().stream().allMatch(node -> node.image().isFounded()));
    return running.values().stream()
        .filter(PlacementNode::isLeading)
        .findFirst()
        .orElseThrow();
  }

  private PlacementCaller call(PlacementNode node) {
    return new PlacementCaller(node.address(), node.image().clusterId());
  }

  /** Asks whoever leads until an answer comes. */
  private OracleResponse next(int count, long seen) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < deadline) {
      try (PlacementCaller caller = call(leader())) {
        Optional<OracleResponse> answer = caller.tryAsk(count, seen);
        if (answer.isPresent() && !answer.get().hasError()) {
          return answer.get();
        }
      }
    }
    throw new AssertionError("no leader gave a revision");
  }

  @Test
  void aMemberAloneFoundsAClusterAndItsFirstWriteGetsTwo() throws Exception {
    PlacementNode node = start(alone());
    leader();
    try (PlacementCaller caller = call(node)) {
      MembersResponse members = caller.members();
      assertThat(members.getEnvelope().getClusterId())
          .isEqualTo(node.image().clusterId())
          .isNotZero();
      assertThat(members.getMembersList()).hasSize(1);
      assertThat(members.getLeaderId()).isEqualTo(1);
      assertThat(members.getBootstrapped()).isFalse();

      OracleResponse current = caller.ask(0, 0);
      assertThat(current.getAnswers(0).getRevision()).isEqualTo(1);
      assertThat(current.getFeatureLevel()).isEqualTo(1);
      assertThat(caller.ask(1, 1).getAnswers(0).getRevision()).isEqualTo(2);
      assertThat(caller.ask(10, 2).getAnswers(0).getRevision()).isEqualTo(12);
      assertThat(caller.ask(0, 12).getAnswers(0).getRevision()).isEqualTo(12);

      OracleResponse ahead = caller.ask(1, 1L << 40);
      assertThat(ahead.getError().getCode()).isEqualTo(PlacementError.Code.UNAVAILABLE);
      assertThat(ahead.getError().getMessage()).contains("below what a store has seen");
    }
  }

  @Test
  void storesJoinAndTheFirstRegionsAreOrderedUntilTheyAreHeld() throws Exception {
    PlacementNode node = start(alone().withBootstrap(2, List.of(Bytes.utf8("m")), 3));
    leader();
    try (PlacementCaller caller = call(node)) {
      LookupRegionsRequest everything = LookupRegionsRequest.newBuilder()
          .setEnvelope(caller.envelope())
          .setRange(KeyRange.getDefaultInstance())
          .build();
      assertThat(caller.join(0, 101, "h1").getStoreId()).isEqualTo(1);
      assertThat(caller.beat(1, 101, List.of()).getOrdersList()).isEmpty();
      PlacementError early = caller.calls().lookupRegions(everything).getError();
      assertThat(early.getCode()).isEqualTo(PlacementError.Code.NOT_BOOTSTRAPPED);
      assertThat(early.getMessage()).contains("1 of 2 stores joined");

      assertThat(caller.join(0, 102, "h2").getStoreId()).isEqualTo(2);
      BlockingQueue<RegionsChanged> watched = new LinkedBlockingQueue<>();
      caller
          .streams()
          .watchRegions(
              WatchRegionsRequest.newBuilder().setEnvelope(caller.envelope()).build(),
              PlacementCaller.into(watched));
      assertThat(watched.poll(30, TimeUnit.SECONDS).getStoresList()).hasSize(2);
      caller.beat(2, 102, List.of());
      await().atMost(PATIENCE).until(() -> node.image().isBootstrapped());
      assertThat(watched.poll(30, TimeUnit.SECONDS).getRegionsList()).hasSize(2);

      HeartbeatResponse orders = caller.beat(1, 101, List.of());
      assertThat(orders.getOrdersList()).hasSize(2);
      assertThat(orders.getStoresList()).hasSize(2);
      long region = orders.getOrders(0).getCreate().getRegion().getRegionId();
      assertThat(caller.beat(1, 101, List.of(region)).getOrdersList()).hasSize(1);

      LookupRegionsResponse found = caller.calls().lookupRegions(everything);
      assertThat(found.getRegionsList()).hasSize(2);
      assertThat(found.getRegions(0).getRegion().getPeersList()).hasSize(2);
      assertThat(found.getStoresList()).hasSize(2);
      LookupRegionsResponse first =
          caller.calls().lookupRegions(everything.toBuilder().setLimit(1).build());
      assertThat(first.getMore()).isTrue();
      assertThat(caller
              .calls()
              .listStores(
                  ListStoresRequest.newBuilder().setEnvelope(caller.envelope()).build())
              .getStoresList())
          .hasSize(2);
      assertThat(caller
              .calls()
              .allocateIds(AllocateIdsRequest.newBuilder()
                  .setEnvelope(caller.envelope())
                  .setCount(3)
                  .build())
              .getLast())
          .isEqualTo(9);
    }
  }

  @Test
  void strangersAreRefusedWithWhatToDo() throws Exception {
    PlacementNode node = start(alone());
    leader();
    long cluster = node.image().clusterId();
    try (PlacementCaller caller = call(node);
        PlacementCaller foreign = new PlacementCaller(node.address(), cluster + 2)) {
      assertThat(caller.join(0, 101, "h1").getStoreId()).isEqualTo(1);
      JoinStoreResponse sameAddress = caller.join(0, 999, "h1");
      assertThat(sameAddress.getError().getMessage()).contains("belongs to store 1");
      assertThat(caller.join(1, 999, "h9").getError().getMessage())
          .contains("a wiped disk is a new store");
      assertThat(caller.beat(1, 999, List.of()).getError().getCode())
          .isEqualTo(PlacementError.Code.UNKNOWN_STORE);
      assertThat(caller.beat(7, 101, List.of()).getError().getCode())
          .isEqualTo(PlacementError.Code.UNKNOWN_STORE);
      assertThat(foreign.join(0, 102, "h2").getError().getCode())
          .isEqualTo(PlacementError.Code.WRONG_CLUSTER);
      assertThat(foreign.beat(1, 101, List.of()).getError().getCode())
          .isEqualTo(PlacementError.Code.WRONG_CLUSTER);
      assertThat(foreign.ask(1, 0).getError().getMessage()).contains("check --pd");
    }
  }

  private void followersNameTheLeader(long seen) throws Exception {
    PlacementNode leader = leader();
    for (PlacementNode follower : running.values()) {
      if (follower != leader) {
        try (PlacementCaller caller = call(follower)) {
          OracleResponse refused = caller.ask(1, seen);
          assertThat(refused.getError().getCode()).isEqualTo(PlacementError.Code.NOT_LEADER);
          assertThat(refused.getError().getLeaderAddress()).isEqualTo(leader.address());
          assertThat(caller.members().getLeaderId()).isEqualTo(leader.memberId());
        }
      }
    }
  }

  @Test
  void threeMembersGoOnWithoutTheirLeaderAndRevisionsNeverGoBack() throws Exception {
    List<PlacementConfig> configs = three();
    configs.forEach(this::start);
    PlacementNode first = leader();
    long cluster = first.image().clusterId();
    try (PlacementCaller caller = call(first)) {
      for (int store = 1; store <= 3; store++) {
        assertThat(caller.join(0, 100 + store, "h" + store).getStoreId()).isEqualTo(store);
        caller.beat(store, 100 + store, List.of());
      }
    }
    await()
        .atMost(PATIENCE)
        .until(() -> running.values().stream().allMatch(node -> node.image().isBootstrapped()));
    long seen = 1;
    for (int i = 0; i < 30; i++) {
      OracleResponse answer = next(50, seen);
      assertThat(answer.getAnswers(0).getRevision() - 50).isGreaterThanOrEqualTo(seen);
      seen = answer.getAnswers(0).getRevision();
    }
    long term = next(0, seen).getTerm();
    long asked = seen;
    // On a busy machine another one may have been elected meanwhile.
    await().atMost(PATIENCE).untilAsserted(() -> followersNameTheLeader(asked));
    stop(leader());
    OracleResponse after = next(1, seen);
    assertThat(after.getTerm()).isGreaterThan(term);
    assertThat(after.getAnswers(0).getRevision()).isGreaterThan(seen);
    seen = after.getAnswers(0).getRevision();

    List.copyOf(running.values()).forEach(this::stop);
    configs.forEach(this::start);
    assertThat(next(0, seen).getAnswers(0).getRevision()).isGreaterThan(seen);
    PlacementNode leader = leader();
    assertThat(leader.image().clusterId()).isEqualTo(cluster);
    assertThat(leader.image().stores()).hasSize(3);
    assertThat(leader.image().regions()).hasSize(3);
  }

  /** What was acknowledged as compacted is in every later answer of the oracle, whoever leads, also after all were stopped. */
  @Test
  void compactedNeverGoesBackOverFailoversAndRestarts() throws Exception {
    List<PlacementConfig> configs = three();
    configs.forEach(this::start);
    long seen = next(10, 1).getAnswers(0).getRevision();
    long acknowledged = 0;
    for (int round = 0; round < 4; round++) {
      seen = next(20, seen).getAnswers(0).getRevision();
      long target = seen - 5;
      CompactResponse done = compact(target, round + 1);
      assertThat(done.getError().getCode()).isEqualTo(PlacementError.Code.OK);
      acknowledged = target;
      assertThat(next(0, seen).getCompacted()).isEqualTo(acknowledged);
      assertThat(compact(target, round + 1).getError().getCode())
          .as("the same request again")
          .isEqualTo(PlacementError.Code.OK);
      CompactResponse below = compact(target, 99);
      assertThat(below.getError().getCode()).isEqualTo(PlacementError.Code.COMPACTED);
      assertThat(below.getCompacted()).isEqualTo(acknowledged);
      assertThat(compact(Long.MAX_VALUE / 2, 100).getError().getCode())
          .isEqualTo(PlacementError.Code.FUTURE_REVISION);
      PlacementNode leader = leader();
      stop(leader);
      OracleResponse after = next(0, seen);
      assertThat(after.getCompacted()).isEqualTo(acknowledged);
      start(configs.get((int) leader.memberId() - 1));
    }
    List.copyOf(running.values()).forEach(this::stop);
    configs.forEach(this::start);
    assertThat(next(0, seen).getCompacted()).isEqualTo(acknowledged);
  }

  private CompactResponse compact(long revision, long nonce) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < deadline) {
      try (PlacementCaller caller = call(leader())) {
        CompactResponse answer = caller
            .history()
            .compact(CompactRequest.newBuilder()
                .setEnvelope(caller.envelope())
                .setRevision(revision)
                .setNonce(nonce)
                .build());
        PlacementError.Code code = answer.getError().getCode();
        if (code != PlacementError.Code.NOT_LEADER && code != PlacementError.Code.UNAVAILABLE) {
          return answer;
        }
      }
    }
    throw new AssertionError("no leader compacted");
  }

  /** A barrier holds the floor, not what is compacted; it outlives a leader, and ends when nobody renews it. */
  @Test
  void barriersHoldTheFloorUntilTheyAreLeftAlone() throws Exception {
    PlacementNode node = start(alone());
    leader();
    next(100, 1);
    try (PlacementCaller caller = call(node)) {
      long held = caller
          .history()
          .holdBarrier(HoldBarrierRequest.newBuilder()
              .setEnvelope(caller.envelope())
              .setName("b")
              .setOwner("test")
              .setRevision(40)
              .setTtlMs(1_500)
              .build())
          .getRevision();
      assertThat(held).isEqualTo(40);
      compact(80, 1);
      ShowHistoryResponse shown = show(caller);
      assertThat(shown.getCompacted()).isEqualTo(80);
      assertThat(shown.getFloor()).isEqualTo(40);
      assertThat(shown.getBarriersList())
          .hasSize(1)
          .allMatch(barrier -> barrier.getOwner().equals("test") && barrier.getLeftMs() <= 1_500);
      caller
          .history()
          .renewBarrier(RenewBarrierRequest.newBuilder()
              .setEnvelope(caller.envelope())
              .setName("b")
              .build());
      await().atMost(PATIENCE).until(() -> show(caller).getFloor() == 80);
      assertThat(show(caller).getBarriersList()).isEmpty();
      assertThat(caller
              .history()
              .renewBarrier(RenewBarrierRequest.newBuilder()
                  .setEnvelope(caller.envelope())
                  .setName("b")
                  .build())
              .getError()
              .getCode())
          .isEqualTo(PlacementError.Code.STALE);
      assertThat(caller
              .history()
              .raiseRevision(RaiseRevisionRequest.newBuilder()
                  .setEnvelope(caller.envelope())
                  .setAbove(5_000_000_000L)
                  .build())
              .getRevision())
          .isEqualTo(5_000_000_001L);
      assertThat(next(1, 100).getAnswers(0).getRevision()).isEqualTo(5_000_000_002L);
    }
    stop(node);
    start(alone());
    assertThat(next(1, 1).getAnswers(0).getRevision()).isGreaterThan(5_000_000_002L);
  }

  private static ShowHistoryResponse show(PlacementCaller caller) {
    return caller
        .history()
        .showHistory(
            ShowHistoryRequest.newBuilder().setEnvelope(caller.envelope()).build());
  }

  @Test
  void leaderThatStopsHandsOverWithoutAnElectionTimeout() throws Exception {
    Duration election = Duration.ofSeconds(5);
    three().forEach(config -> start(config.withTimings(election, Duration.ofMillis(50))));
    PlacementNode first = leader();
    long term = next(0, 0).getTerm();
    BlockingQueue<Long> silence = new LinkedBlockingQueue<>();
    List<PlacementNode> others =
        running.values().stream().filter(node -> node != first).toList();
    Thread asker = new Thread(() -> silence.add(silence(others, term)));
    asker.start();
    assertThat(first.handOver()).as("before it stops").isTrue();
    stop(first);
    Long millis = silence.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    asker.join();
    assertThat(millis).isNotNull().isLessThan(election.toMillis());
  }

  /** Milliseconds until one of the members gives a revision of a later term. */
  private long silence(List<PlacementNode> members, long term) {
    List<PlacementCaller> callers = members.stream().map(this::call).toList();
    try {
      long begun = System.nanoTime();
      while (System.nanoTime() - begun < PATIENCE.toNanos()) {
        for (PlacementCaller caller : callers) {
          Optional<OracleResponse> answer = caller.tryAsk(1, 0);
          if (answer.isPresent() && !answer.get().hasError() && answer.get().getTerm() > term) {
            return (System.nanoTime() - begun) / 1_000_000;
          }
        }
      }
      return PATIENCE.toMillis();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    } finally {
      callers.forEach(PlacementCaller::close);
    }
  }

  @Test
  void aSecondProcessAndAForeignDirectoryAreRefusedInOneLine() throws Exception {
    PlacementConfig config = alone();
    PlacementNode node = start(config);
    leader();
    assertThatThrownBy(() -> start(config))
        .isInstanceOf(PlacementStartException.class)
        .hasMessageContaining("in use by another process");
    PlacementConfig samePort =
        PlacementConfig.defaults(dir.resolve("other")).withListen(node.address());
    assertThatThrownBy(() -> start(samePort))
        .isInstanceOf(PlacementStartException.class)
        .hasMessageContaining("cannot listen on " + node.address())
        .hasMessageContaining("choose another --listen");
    stop(node);

    assertThatThrownBy(() -> start(config.withMember(2, "127.0.0.1:0", "", Map.of())))
        .isInstanceOf(PlacementStartException.class)
        .hasMessageContaining("belongs to PD member 1");
    assertThatThrownBy(
            () -> start(config.withMember(1, "127.0.0.1:9", "", Map.of(1L, "a:1", 2L, "b:2"))))
        .isInstanceOf(PlacementStartException.class)
        .hasMessageContaining("PD group of members 1, but the configured members are 1,2");
    Path strange = Files.createDirectories(dir.resolve("photos"));
    Files.writeString(strange.resolve("cat.jpg"), "meow");
    assertThatThrownBy(() -> start(PlacementConfig.defaults(strange).withListen("127.0.0.1:0")))
        .isInstanceOf(PlacementStartException.class)
        .hasMessageContaining("is no PD's: choose an empty --data-dir");
  }
}
