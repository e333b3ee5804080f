package io.quorate.client.placement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.client.sim.SimCluster;
import io.quorate.client.sim.SimPlacement;
import io.quorate.client.transport.ChannelFactory;
import io.quorate.client.transport.Endpoint;
import io.quorate.client.transport.TransportConfig;
import io.quorate.model.KeyRange;
import io.quorate.proto.HeartbeatRequest;
import io.quorate.proto.HeartbeatResponse;
import io.quorate.proto.PlacementError;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The placement client against a group of two fake PDs whose leadership tests move about. */
class PlacementClientTest {
  private SimCluster cluster;
  private SimPlacement first;
  private SimPlacement second;
  private ChannelFactory channels;
  private PlacementClient client;

  @BeforeEach
  void start() {
    cluster = new SimCluster(3, "m");
    first = cluster.placement();
    second = new SimPlacement(cluster);
    lead(first, 5);
    channels = new ChannelFactory(TransportConfig.defaults(), "placement-test-io");
    client = connect(0);
  }

  @AfterEach
  void stop() {
    client.close();
    channels.close();
    second.close();
    cluster.close();
  }

  private PlacementClient connect(long clusterId) {
    List<Endpoint> endpoints = Endpoint.parseList("127.0.0.1:" + first.port());
    return PlacementClient.connect(
        PlacementClientConfig.defaults(endpoints, 1)
            .withClusterId(clusterId)
            .withTimeouts(Duration.ofSeconds(5), Duration.ofMillis(400)),
        channels);
  }

  private void lead(SimPlacement leader, long term) {
    List<Integer> members = List.of(first.port(), second.port());
    first.group(members, leader.port(), term);
    second.group(members, leader.port(), term);
  }

  @Test
  void learnsMembersClusterAndRegions() {
    assertThat(client.members().join().getMembersCount()).isEqualTo(2);
    assertThat(client.clusterId()).isEqualTo(SimCluster.CLUSTER_ID);
    RegionListing listing = client.lookup(KeyRange.ALL, 0).join();
    assertThat(listing.regions()).hasSize(2);
    assertThat(listing.stores()).hasSize(3);
  }

  @Test
  void followsALeaderThatNoConfigurationNamed() {
    lead(second, 6);
    assertThat(client.allocateIds(5).join()).isEqualTo(5);
  }

  @Test
  void asksAgainWhenLeadershipMoves() {
    assertThat(client.allocateIds(1).join()).isEqualTo(1);
    lead(second, 6);
    assertThat(client.allocateIds(1).join()).isEqualTo(1);
    assertThat(client.oracle().current().join().term()).isEqualTo(6);
  }

  @Test
  void anotherClusterIsRefused() {
    try (PlacementClient stranger = connect(99)) {
      assertThatThrownBy(() -> stranger.members().join())
          .hasMessageContaining("serves cluster 000000000000004d, not 0000000000000063");
    }
  }

  @Test
  void aDeadLeaderIsLeftForTheNext() {
    assertThat(client.oracle().next(1).join().first()).isEqualTo(2);
    first.stop();
    lead(second, 6);
    assertThat(client.oracle().next(1).join().first()).isEqualTo(3);
    assertThat(client.lookup(KeyRange.ALL, 0).join().regions()).hasSize(2);
  }

  @Test
  void aSilentLeaderIsLeftForTheNext() {
    client.oracle().current().join();
    first.silenceOracle(true);
    CompletableFuture<OracleState> asked = client.oracle().current();
    lead(second, 6);
    assertThat(asked.join().term()).isEqualTo(6);
  }

  @Test
  void everyRevisionIsGivenOnceAndAsksShareMessages() {
    List<CompletableFuture<RevisionBlock>> asked = new ArrayList<>();
    for (int i = 0; i < 3000; i++) {
      asked.add(client.oracle().next(1 + i % 3));
    }
    long last = 1;
    for (CompletableFuture<RevisionBlock> each : asked) {
      RevisionBlock block = each.join();
      assertThat(block.first()).isEqualTo(last + 1);
      last = block.last();
    }
    assertThat(client.oracle().current().join().revision()).isEqualTo(last);
    assertThat(client.oracle().newestKnown().compacted()).isEqualTo(1);
    assertThat(first.oracleMessages()).isLessThan(1000);
  }

  @Test
  void anOracleThatForgotIsNotBelieved() {
    client.oracle().observe(1000);
    CompletableFuture<OracleState> asked = client.oracle().current();
    assertThatThrownBy(asked::join)
        .isInstanceOf(CompletionException.class)
        .hasCauseInstanceOf(PlacementException.class);
    assertThat(client.oracle().newestKnown()).isEqualTo(OracleState.NONE);
  }

  @Test
  void anOlderTermIsNotBelieved() {
    assertThat(client.oracle().current().join().term()).isEqualTo(5);
    lead(first, 3);
    CompletableFuture<OracleState> asked = client.oracle().current();
    Awaitility.await().until(() -> first.oracleMessages() > 3);
    assertThat(asked).isNotDone();
    lead(first, 6);
    assertThat(asked.join().term()).isEqualTo(6);
  }

  @Test
  void heartbeatsFollowTheLeader() {
    Queue<HeartbeatResponse> answers = new ConcurrentLinkedQueue<>();
    Queue<String> opened = new ConcurrentLinkedQueue<>();
    HeartbeatStream beats = client.heartbeatStream(new HeartbeatListener() {
      @Override
      public void opened() {
        opened.add("opened");
      }

      @Override
      public void answered(HeartbeatResponse response) {
        answers.add(response);
      }

      @Override
      public void broken(String why) {
        opened.add("broken");
      }
    });
    Awaitility.await().until(() -> opened.size() == 1);
    beats.send(HeartbeatRequest.newBuilder().setFull(true));
    Awaitility.await().until(() -> answers.size() == 1);
    lead(second, 6);
    beats.send(HeartbeatRequest.newBuilder());
    Awaitility.await().until(() -> opened.size() == 3);
    beats.send(HeartbeatRequest.newBuilder());
    Awaitility.await().until(() -> answers.size() == 2);
    beats.close();
  }

  @Test
  void nobodyThereIsSaidInOneLine() {
    first.stop();
    second.stop();
    assertThatThrownBy(() -> client.members().join())
        .hasCauseInstanceOf(PlacementException.class)
        .hasMessageContaining("is it started, is the address right?");
  }

  @Test
  void closingFailsWhatWaits() {
    first.silenceOracle(true);
    CompletableFuture<OracleState> asked = client.oracle().current();
    client.close();
    assertThatThrownBy(asked::join)
        .hasCauseInstanceOf(PlacementException.class)
        .cause()
        .isInstanceOfSatisfying(
            PlacementException.class,
            failure -> assertThat(failure.code()).isEqualTo(PlacementError.Code.UNAVAILABLE));
  }
}
