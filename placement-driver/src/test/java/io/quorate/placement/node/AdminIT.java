package io.quorate.placement.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quorate.model.StoreDescriptor;
import io.quorate.model.StoreId;
import io.quorate.placement.schedule.Limits;
import io.quorate.proto.AskSplitRequest;
import io.quorate.proto.AskSplitResponse;
import io.quorate.proto.ChangeStoreRequest;
import io.quorate.proto.HeartbeatRequest;
import io.quorate.proto.HeartbeatResponse;
import io.quorate.proto.ListOperatorsRequest;
import io.quorate.proto.ListSchedulersRequest;
import io.quorate.proto.MergeRegionsRequest;
import io.quorate.proto.MovePeerRequest;
import io.quorate.proto.OperatorStatus;
import io.quorate.proto.PauseSchedulerRequest;
import io.quorate.proto.Peer;
import io.quorate.proto.PeerRole;
import io.quorate.proto.PlacementAdminGrpc;
import io.quorate.proto.PlacementError;
import io.quorate.proto.RegionBeat;
import io.quorate.proto.RegionDescriptor;
import io.quorate.proto.RegionEpoch;
import io.quorate.proto.RegionOrder;
import io.quorate.proto.StoreStats;
import io.quorate.proto.WhyRegionRequest;
import io.quorate.proto.WhyStoreRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real PD, and stores that only talk: what people order, and what comes of it over heartbeats. */
class AdminIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir
  private Path dir;

  private PlacementNode node;
  private PlacementCaller caller;
  private ManagedChannel channel;
  private PlacementAdminGrpc.PlacementAdminBlockingStub admin;
  private final BlockingQueue<HeartbeatResponse> answers = new LinkedBlockingQueue<>();
  private StreamObserver<HeartbeatRequest> leaderLine;

  @BeforeEach
  void start() throws Exception {
    Limits quick = Limits.defaults()
        .with(Map.of(
            "patrol-region-interval", "20ms",
            "max-schedule-interval", "50ms",
            "operator-resend-interval", "100ms",
            "stale-replica-age", "0ms",
            "max-store-down-time", "60s"));
    node = PlacementNode.start(
        PlacementConfig.defaults(dir.resolve("pd"))
            .withListen("127.0.0.1:0")
            .withSchedules(quick)
            .withBootstrap(3, List.of(), 3),
        new SimpleMeterRegistry());
    await().atMost(PATIENCE).until(() -> node.isLeading() && node.image().isFounded());
    caller = new PlacementCaller(node.address(), node.image().clusterId());
    channel = NettyChannelBuilder.forTarget(node.address()).usePlaintext().build();
    admin = PlacementAdminGrpc.newBlockingStub(channel);
    for (int i = 1; i <= 3; i++) {
      caller.join(0, 100 + i, "h" + i);
      caller.beat(i, 100 + i, List.of());
    }
    await().atMost(PATIENCE).until(() -> node.image().isBootstrapped());
    caller.join(0, 104, "h4");
    caller.beat(4, 104, List.of());
    leaderLine = caller.streams().heartbeat(PlacementCaller.into(answers));
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    caller.close();
    node.close();
  }

  private RegionDescriptor region() {
    return io.quorate.model.Wire.region(
        node.image().regions().values().iterator().next());
  }

  private static RegionDescriptor with(RegionDescriptor before, List<Peer> peers) {
    return before.toBuilder()
        .clearPeers()
        .addAllPeers(peers)
        .setEpoch(RegionEpoch.newBuilder()
            .setVersion(before.getEpoch().getVersion())
            .setMembership(before.getEpoch().getMembership() + 1))
        .build();
  }

  /** The leader on store 1 tells of its region. */
  private void tell(RegionDescriptor region) {
    leaderLine.onNext(HeartbeatRequest.newBuilder()
        .setEnvelope(caller.envelope().toBuilder().setFromStore(1).setFromIncarnation(101))
        .setStore(StoreStats.newBuilder().setRegionCount(1).setLeaderCount(1))
        .addRegions(RegionBeat.newBuilder()
            .setRegion(region)
            .setLeader(region.getPeersList().stream()
                .filter(peer -> peer.getStoreId() == 1)
                .findFirst()
                .orElseThrow())
            .setTerm(5)
            .setApproximateBytes(1 << 20))
        .build());
  }

  private RegionOrder order(Predicate<RegionOrder> wanted) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < deadline) {
      HeartbeatResponse answer = answers.poll(1, TimeUnit.SECONDS);
      if (answer != null) {
        assertThat(answer.getError().getCode()).isEqualTo(PlacementError.Code.OK);
        for (RegionOrder order : answer.getOrdersList()) {
          if (wanted.test(order)) {
            return order;
          }
        }
      }
    }
    throw new AssertionError("no such order came");
  }

  private RegionOrder.ChangePeer change(RegionOrder.ChangePeer.Change change)
      throws InterruptedException {
    return order(order -> order.hasChangePeer() && order.getChangePeer().getChange() == change)
        .getChangePeer();
  }

  @Test
  void aReplicaIsMovedAStoreDrainedAndItsLeftoversDestroyed() throws Exception {
    RegionDescriptor first = region();
    beatHolding(3, 103, first.getRegionId(), first.getPeers(2).getReplicaId());
    tell(first);
    PlacementError unknown = admin
        .movePeer(MovePeerRequest.newBuilder()
            .setEnvelope(caller.envelope())
            .setRegionId(first.getRegionId())
            .setFromStore(4)
            .setToStore(3)
            .build())
        .getError();
    assertThat(unknown.getMessage()).contains("has no replica on store 4");

    // Drained: what it holds goes to store 4, the only one that can take it.
    assertThat(change(3, ChangeStoreRequest.Change.DRAIN)).isEqualTo(PlacementError.Code.OK);
    Peer learner = change(RegionOrder.ChangePeer.Change.ADD_LEARNER).getPeer();
    assertThat(learner.getStoreId()).isEqualTo(4);
    assertThat(learner.getReplicaId()).isGreaterThan(node.image().lastId() - 1_000);
    assertThat(admin
            .whyRegion(WhyRegionRequest.newBuilder()
                .setEnvelope(caller.envelope())
                .setRegionId(first.getRegionId())
                .build())
            .getLinesList())
        .singleElement()
        .asString()
        .contains("under way", "draining store");

    List<Peer> old = first.getPeersList();
    RegionDescriptor caughtUp = with(first, List.of(old.get(0), old.get(1), old.get(2), learner));
    tell(caughtUp);
    Peer promoted = change(RegionOrder.ChangePeer.Change.PROMOTE).getPeer();
    assertThat(promoted.getRole()).isEqualTo(PeerRole.VOTER);
    RegionDescriptor voting = with(caughtUp, List.of(old.get(0), old.get(1), old.get(2), promoted));
    tell(voting);
    Peer leaving = change(RegionOrder.ChangePeer.Change.REMOVE).getPeer();
    assertThat(leaving.getStoreId()).isEqualTo(3);
    tell(with(voting, List.of(old.get(0), old.get(1), promoted)));
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(admin
                .listOperators(ListOperatorsRequest.newBuilder()
                    .setEnvelope(caller.envelope())
                    .setEndedMax(10)
                    .build())
                .getOperatorsList())
            .singleElement()
            .satisfies(operator -> {
              assertThat(operator.getState()).isEqualTo(OperatorStatus.State.SUCCESS);
              assertThat(operator.getPlannedBy()).isEqualTo("replica-checker");
            }));

    // Store 3 was away and still holds its replica: it is told to destroy it, and is not empty
    // until then.
    HeartbeatResponse told = beatHolding(3, 103, first.getRegionId(), leaving.getReplicaId());
    assertThat(told.getOrdersList())
        .anySatisfy(order ->
            assertThat(order.getDestroy().getReplicaId()).isEqualTo(leaving.getReplicaId()));
    assertThat(state(3)).isEqualTo(StoreDescriptor.State.DRAINING);
    assertThat(admin
            .whyStore(WhyStoreRequest.newBuilder()
                .setEnvelope(caller.envelope())
                .setStoreId(3)
                .build())
            .getLinesList())
        .anyMatch(line -> line.contains("0 replicas remain; it says itself to hold 1"));
    caller.beat(3, 103, List.of());
    await().atMost(PATIENCE).until(() -> state(3) == StoreDescriptor.State.RETIRED);
    assertThat(caller.beat(3, 103, List.of()).getError().getMessage()).contains("retired for good");
  }

  private HeartbeatResponse beatHolding(long store, long incarnation, long region, long replica)
      throws InterruptedException {
    BlockingQueue<HeartbeatResponse> heard = new LinkedBlockingQueue<>();
    StreamObserver<HeartbeatRequest> line = caller.streams().heartbeat(PlacementCaller.into(heard));
    line.onNext(HeartbeatRequest.newBuilder()
        .setEnvelope(
            caller.envelope().toBuilder().setFromStore(store).setFromIncarnation(incarnation))
        .setStore(StoreStats.newBuilder().setRegionCount(1))
        .addHeldRegions(region)
        .addHeldReplicas(replica)
        .setFull(true)
        .build());
    HeartbeatResponse answer = heard.poll(30, TimeUnit.SECONDS);
    line.onCompleted();
    return answer == null ? HeartbeatResponse.getDefaultInstance() : answer;
  }

  private StoreDescriptor.State state(long store) {
    StoreDescriptor known = node.image().stores().get(new StoreId(store));
    return known == null ? StoreDescriptor.State.DOWN : known.state();
  }

  private PlacementError.Code change(long store, ChangeStoreRequest.Change change) {
    return admin
        .changeStore(ChangeStoreRequest.newBuilder()
            .setEnvelope(caller.envelope())
            .setStoreId(store)
            .setChange(change)
            .build())
        .getError()
        .getCode();
  }

  /** Long runs saw merges get done whose operators had been given up by the first tick: they were ordered once and never again. */
  @Test
  void aMergeIsOrderedUntilItIsSeenDone() throws Exception {
    RegionDescriptor whole = region();
    ByteString middle = ByteString.copyFromUtf8("m");
    RegionEpoch cut = whole.getEpoch().toBuilder()
        .setVersion(whole.getEpoch().getVersion() + 1)
        .build();
    RegionDescriptor right = whole.toBuilder()
        .setRange(whole.getRange().toBuilder().setStart(middle))
        .setEpoch(cut)
        .build();
    RegionDescriptor.Builder left = whole.toBuilder()
        .setRegionId(7_001)
        .setRange(whole.getRange().toBuilder().setEnd(middle))
        .setEpoch(cut);
    left.getPeersBuilderList().forEach(peer -> peer.setReplicaId(peer.getReplicaId() + 7_001));
    tell(right);
    tell(left.build());
    await()
        .atMost(PATIENCE)
        .until(() -> admin
                .mergeRegions(MergeRegionsRequest.newBuilder()
                    .setEnvelope(caller.envelope())
                    .setRegionId(left.getRegionId())
                    .setRightId(right.getRegionId())
                    .build())
                .getError()
                .getCode()
            == PlacementError.Code.OK);
    for (int times = 0; times < 3; times++) {
      tell(left.build());
      assertThat(order(RegionOrder::hasMerge).getMerge().getRight()).isEqualTo(right);
    }

    tell(left.setRange(whole.getRange())
        .setEpoch(cut.toBuilder().setVersion(cut.getVersion() + 1))
        .build());
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(admin
                .listOperators(ListOperatorsRequest.newBuilder()
                    .setEnvelope(caller.envelope())
                    .setEndedMax(10)
                    .build())
                .getOperatorsList())
            .singleElement()
            .satisfies(operator ->
                assertThat(operator.getState()).isEqualTo(OperatorStatus.State.SUCCESS)));
  }

  @Test
  void maintenanceSendsLeadersAwayAndOutlivesThePd() throws Exception {
    RegionDescriptor first = region();
    tell(first);
    assertThat(change(1, ChangeStoreRequest.Change.MAINTENANCE_ON))
        .isEqualTo(PlacementError.Code.OK);
    Peer to = order(RegionOrder::hasTransferLeader).getTransferLeader().getTo();
    assertThat(to.getStoreId()).isIn(2L, 3L);
    assertThat(change(1, ChangeStoreRequest.Change.UNDO_DRAIN))
        .isEqualTo(PlacementError.Code.STALE);
    assertThat(change(9, ChangeStoreRequest.Change.DRAIN))
        .isEqualTo(PlacementError.Code.UNKNOWN_STORE);
    assertThat(change(1, ChangeStoreRequest.Change.MAINTENANCE_OFF))
        .isEqualTo(PlacementError.Code.OK);
  }

  @Test
  void schedulersArePausedByName() {
    PauseSchedulerRequest pause = PauseSchedulerRequest.newBuilder()
        .setEnvelope(caller.envelope())
        .setName("balance-leader-scheduler")
        .setForMs(60_000)
        .build();
    assertThat(admin.pauseScheduler(pause).getSchedulersList())
        .anyMatch(each ->
            each.getName().equals("balance-leader-scheduler") && each.getPausedForMs() > 50_000);
    assertThat(admin
            .pauseScheduler(pause.toBuilder().setName("no-such").build())
            .getError()
            .getMessage())
        .contains("there are");
    assertThat(admin
            .listSchedulers(ListSchedulersRequest.newBuilder()
                .setEnvelope(caller.envelope())
                .build())
            .getSchedulersList())
        .hasSize(7);
  }

  @Test
  void idsForASplitAreGivenForTheNewestShapeOnly() {
    RegionDescriptor first = region();
    AskSplitResponse given = caller
        .calls()
        .askSplit(AskSplitRequest.newBuilder()
            .setEnvelope(caller.envelope())
            .setRegion(first)
            .setCount(2)
            .build());
    assertThat(given.getChildrenList()).hasSize(2).allSatisfy(child -> {
      assertThat(child.getRegionId()).isGreaterThan(first.getRegionId());
      assertThat(child.getReplicaIdsList()).hasSize(3);
    });
    tell(first.toBuilder()
        .setEpoch(RegionEpoch.newBuilder().setVersion(2).setMembership(1))
        .build());
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(caller
                .calls()
                .askSplit(AskSplitRequest.newBuilder()
                    .setEnvelope(caller.envelope())
                    .setRegion(first)
                    .setCount(1)
                    .build())
                .getError()
                .getCode())
            .isEqualTo(PlacementError.Code.STALE));
  }
}
