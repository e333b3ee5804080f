package io.quorate.raft.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.util.Endpoint;
import io.quorate.raft.GroupId;
import io.quorate.raft.GroupSeed;
import io.quorate.raft.Membership;
import io.quorate.raft.ReplicaId;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.WriteBatch;

class GroupSeedsTest {
  private static final Membership MEMBERS = new Membership(
      List.of(new ReplicaId(1, 11), new ReplicaId(2, 12)), List.of(new ReplicaId(3, 13)));

  @TempDir
  Path directory;

  private RaftDatabase database;
  private GroupSeeds seeds;

  @BeforeEach
  void open() {
    database = LogFixture.open(directory);
    seeds = new GroupSeeds(database);
  }

  @AfterEach
  void close() {
    database.close();
  }

  private void seed(long group, long index, long term) {
    try (WriteBatch batch = new WriteBatch()) {
      seeds.seed(batch, new GroupSeed(new GroupId(group), index, term, MEMBERS));
      database.write(batch);
    }
  }

  @Test
  void aSeededGroupStartsBehindItsBase() {
    seed(7, 10, 5);
    assertThat(seeds.hasState(new GroupId(7))).isTrue();
    assertThat(seeds.hasState(new GroupId(6))).isFalse();
    SharedLogStorage log = LogFixture.log(database, 7);
    assertThat(log.getFirstLogIndex()).isEqualTo(11);
    assertThat(log.getLastLogIndex()).isZero();
    SharedMetaStorage meta = new SharedMetaStorage(database, new GroupId(7), LogFixture.PEERS);
    meta.load();
    assertThat(meta.getTerm()).isEqualTo(5);
    assertThat(meta.promisedTerm()).isEqualTo(5);
    assertThat(meta.getVotedFor().isEmpty()).isTrue();
    assertThat(new SnapshotRecords(database).read(new GroupId(7)))
        .contains(new SnapshotRecord(10, 5, MEMBERS, Optional.empty()));
  }

  @Test
  void aGroupIsDeletedWholeAndAlone() {
    seed(7, 1, 1);
    seed(8, 1, 1);
    seed(9, 1, 1);
    for (long group = 7; group <= 9; group++) {
      SharedLogStorage log = LogFixture.log(database, group);
      log.appendEntries(List.of(LogFixture.data(2, 1), LogFixture.configuration(3, 1, 3, false)));
    }
    assertThat(seeds.listGroups()).containsExactly(new GroupId(7), new GroupId(8), new GroupId(9));
    try (WriteBatch batch = new WriteBatch()) {
      seeds.delete(batch, new GroupId(8));
      database.write(batch);
    }
    assertThat(seeds.listGroups()).containsExactly(new GroupId(7), new GroupId(9));
    assertThat(LogFixture.log(database, 8).getLastLogIndex()).isZero();
    assertThat(LogFixture.log(database, 7).getLastLogIndex()).isEqualTo(3);
    assertThat(LogFixture.log(database, 9).getLastLogIndex()).isEqualTo(3);
  }

  @Test
  void aSnapshotRecordRemembersAChangeUnderWay() {
    SnapshotRecords records = new SnapshotRecords(database);
    SnapshotRecord record = new SnapshotRecord(
        77, 6, MEMBERS, Optional.of(Membership.ofVoters(List.of(new ReplicaId(4, 14)))));
    records.save(new GroupId(5), record);
    assertThat(records.read(new GroupId(5))).contains(record);
    assertThat(records.read(new GroupId(6))).isEmpty();
  }

  @Test
  void votesAreKeptAndTermsDoNotGoBack() {
    SharedMetaStorage meta = new SharedMetaStorage(database, new GroupId(3), LogFixture.PEERS);
    PeerId candidate = LogFixture.PEERS.toPeer(new ReplicaId(2, 22));
    meta.load();
    assertThat(meta.getTerm()).isZero();
    meta.setTermAndVotedFor(4, candidate);
    SharedMetaStorage reopened = new SharedMetaStorage(database, new GroupId(3), LogFixture.PEERS);
    reopened.load();
    assertThat(reopened.getTerm()).isEqualTo(4);
    assertThat(reopened.getVotedFor()).isEqualTo(candidate);
    assertThat(reopened.promisedTerm()).isEqualTo(4);
    assertThatThrownBy(() -> reopened.setTerm(3)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void replicasHaveLogicalNamesWithTheClusterInThem() {
    PeerIds peers = new PeerIds(0x1f);
    PeerId peer = peers.toPeer(new ReplicaId(3, 77));
    assertThat(peer.toString()).isEqualTo("c1f-s3:1:77");
    assertThat(peers.toReplica(PeerId.parsePeer("c1f-s3:1:77"))).isEqualTo(new ReplicaId(3, 77));
    assertThat(peers.toMembership(peers.toConfiguration(MEMBERS)).voters())
        .containsExactlyElementsOf(MEMBERS.voters());
    assertThatThrownBy(() -> peers.store(new Endpoint("c2f-s3", 1)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("not a store of this cluster");
  }
}
