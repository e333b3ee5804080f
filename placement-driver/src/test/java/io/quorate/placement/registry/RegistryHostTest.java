package io.quorate.placement.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Peer;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionEpoch;
import io.quorate.model.StoreDescriptor;
import io.quorate.model.StoreId;
import io.quorate.model.Wire;
import io.quorate.placement.cluster.BootstrapPlan;
import io.quorate.placement.cluster.ClusterImage;
import io.quorate.placement.cluster.FoundCluster;
import io.quorate.placement.cluster.PlacementRecord;
import io.quorate.placement.cluster.RegisterStore;
import io.quorate.placement.cluster.UpdateRegions;
import io.quorate.placement.metrics.PlacementMetrics;
import io.quorate.proto.Envelope;
import io.quorate.proto.HeartbeatRequest;
import io.quorate.proto.HeartbeatResponse;
import io.quorate.proto.PlacementError;
import io.quorate.proto.RegionBeat;
import io.quorate.proto.RegionsChanged;
import io.quorate.proto.StoreState;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RegistryHostTest {
  private static final PlacementError NOT_LEADER = PlacementError.newBuilder()
      .setCode(PlacementError.Code.NOT_LEADER)
      .setLeaderAddress("pd2:2381")
      .build();

  private ClusterImage image = ClusterImage.EMPTY;
  private long now = 1_000;
  private final RegistryHost registry = new RegistryHost(
      () -> image,
      () -> NOT_LEADER,
      () -> now,
      RegistryLimits.defaults()
          .withLiveness(new LivenessLimits(Duration.ofSeconds(10), Duration.ofSeconds(60))),
      new PlacementMetrics(new SimpleMeterRegistry()));

  private void replay(PlacementRecord record) {
    image = image.with(record).image();
    registry.onImage();
  }

  /** A cluster of two stores and two regions, this member leading. */
  private void cluster() {
    replay(new FoundCluster(17, 1));
    for (int store = 1; store <= 2; store++) {
      replay(new RegisterStore(new StoreDescriptor(
          StoreId.NONE,
          100 + store,
          "h" + store + ":1",
          "h" + store + ":2",
          Map.of(),
          StoreDescriptor.State.UP)));
    }
    registry.onLeading(5);
    replay(
        BootstrapPlan.plan(List.of(Bytes.utf8("m")), List.copyOf(image.stores().keySet()), 3, 0));
  }

  private static HeartbeatRequest.Builder beat(long store) {
    return HeartbeatRequest.newBuilder().setEnvelope(Envelope.newBuilder().setFromStore(store));
  }

  private RegionBeat led(RegionDescriptor region, long leader, long term) {
    return RegionBeat.newBuilder()
        .setRegion(Wire.region(region))
        .setLeader(Wire.peer(region.peerOn(new StoreId(leader)).orElseThrow()))
        .setTerm(term)
        .build();
  }

  private RegionDescriptor first() {
    return image.founding().get(0).descriptor();
  }

  @Test
  void aMemberThatDoesNotLeadSaysWhoDoes() {
    SimSink<HeartbeatResponse> sink = new SimSink<>();
    registry.beat(sink, beat(1).build());
    assertThat(sink.last().getError()).isEqualTo(NOT_LEADER);
    assertThat(registry.lookup(KeyRange.ALL, 0).getError()).isEqualTo(NOT_LEADER);
    assertThat(registry.stores()).isEmpty();
  }

  @Test
  void ordersAreRepeatedUntilTheStoreHoldsItsRegions() {
    cluster();
    SimSink<HeartbeatResponse> sink = new SimSink<>();
    registry.beat(sink, beat(1).setFull(true).build());
    assertThat(sink.last().getOrdersList()).hasSize(2);
    registry.beat(sink, beat(1).addHeldRegions(1).build());
    assertThat(sink.last().getOrdersList()).hasSize(1);
    registry.beat(
        sink,
        beat(1).addRegions(led(image.founding().get(1).descriptor(), 1, 2)).build());
    assertThat(sink.last().getOrdersList()).isEmpty();
  }

  @Test
  void aReplicaThatWasMovedAwayIsNotSeededAgain() {
    cluster();
    RegionDescriptor moved = new RegionDescriptor(
        first().id(),
        first().range(),
        new RegionEpoch(1, 2),
        List.of(Peer.voter(2, 4), Peer.voter(1, 99)));
    replay(new UpdateRegions(List.of(moved)));
    SimSink<HeartbeatResponse> sink = new SimSink<>();
    registry.beat(sink, beat(1).setFull(true).build());
    assertThat(sink.last().getOrdersList())
        .extracting(order -> order.getCreate().getRegion().getRegionId())
        .containsExactly(2L);
  }

  @Test
  void storesAreToldOfEachOtherOnceAndWhenSomethingChanges() {
    cluster();
    SimSink<HeartbeatResponse> sink = new SimSink<>();
    registry.beat(sink, beat(1).build());
    assertThat(sink.last().getStoresList()).hasSize(2);
    registry.beat(sink, beat(1).build());
    assertThat(sink.last().getStoresList()).isEmpty();
    replay(new RegisterStore(new StoreDescriptor(
        StoreId.NONE, 103, "h3:1", "h3:2", Map.of(), StoreDescriptor.State.UP)));
    assertThat(sink.sent).hasSize(3);
    assertThat(sink.last().getStoresList()).hasSize(3);
  }

  @Test
  void aSlowWatcherGetsTheNewestStateOnceItReadsAgain() {
    cluster();
    SimSink<RegionsChanged> watcher = new SimSink<>();
    registry.watch(watcher);
    assertThat(watcher.sent).hasSize(1);
    assertThat(watcher.last().getRegionsList()).hasSize(2);
    watcher.ready = false;
    SimSink<HeartbeatResponse> sink = new SimSink<>();
    registry.beat(sink, beat(1).addRegions(led(first(), 1, 2)).build());
    registry.beat(sink, beat(2).addRegions(led(first(), 2, 3)).build());
    assertThat(watcher.sent).hasSize(1);
    watcher.ready = true;
    registry.onReady(watcher);
    assertThat(watcher.sent).hasSize(2);
    assertThat(watcher.last().getRegionsList())
        .extracting(region -> region.getLeader().getStoreId())
        .containsExactly(2L);
  }

  @Test
  void aBeatThatChangesNothingTellsWatchersNothing() {
    cluster();
    SimSink<RegionsChanged> watcher = new SimSink<>();
    registry.watch(watcher);
    SimSink<HeartbeatResponse> sink = new SimSink<>();
    registry.beat(sink, beat(1).addRegions(led(first(), 1, 2)).build());
    registry.beat(sink, beat(1).addRegions(led(first(), 1, 2)).build());
    assertThat(watcher.sent).hasSize(2);
  }

  @Test
  void aDeposedLeaderSendsEverybodyAway() {
    cluster();
    SimSink<RegionsChanged> watcher = new SimSink<>();
    registry.watch(watcher);
    SimSink<HeartbeatResponse> sink = new SimSink<>();
    registry.beat(sink, beat(1).build());
    registry.onLeadershipLost(4);
    assertThat(watcher.completed).as("an old term's end is no news").isFalse();
    registry.onLeadershipLost(5);
    assertThat(watcher.last().getError()).isEqualTo(NOT_LEADER);
    assertThat(watcher.completed).isTrue();
    assertThat(sink.last().getError()).isEqualTo(NOT_LEADER);
    registry.onLeading(7);
    assertThat(registry.lookup(KeyRange.ALL, 0).getRegionsList())
        .hasSize(2)
        .noneMatch(region -> region.hasLeader());
  }

  @Test
  void newShapesWaitToBeRecordedUntilTheLogShowsThem() {
    cluster();
    RegionDescriptor grown = new RegionDescriptor(
        first().id(), first().range(), new RegionEpoch(1, 2), first().peers());
    SimSink<HeartbeatResponse> sink = new SimSink<>();
    registry.beat(sink, beat(1).addRegions(led(grown, 1, 2)).build());
    assertThat(registry.unrecorded(10)).containsExactly(grown);
    replay(new UpdateRegions(List.of(grown)));
    assertThat(registry.unrecorded(10)).isEmpty();
  }

  @Test
  void silentStoresAreDisconnectedThenDownAndUpAgainWhenHeard() {
    cluster();
    SimSink<HeartbeatResponse> sink = new SimSink<>();
    registry.beat(sink, beat(1).build());
    assertThat(registry.alive()).containsExactly(new StoreId(1));
    now += Duration.ofSeconds(10).toNanos();
    assertThat(states()).containsExactly(StoreState.DISCONNECTED, StoreState.DISCONNECTED);
    assertThat(registry.alive()).isEmpty();
    registry.beat(sink, beat(1).build());
    now += Duration.ofSeconds(50).toNanos();
    registry.beat(sink, beat(1).build());
    assertThat(states()).containsExactly(StoreState.UP, StoreState.DOWN);
    registry.tick();
  }

  private List<StoreState> states() {
    return registry.stores().orElseThrow().stream()
        .map(status -> status.getStore().getState())
        .toList();
  }
}
