package io.quorate.region.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.model.KeyRange;
import io.quorate.model.Peer;
import io.quorate.model.PeerRole;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionEpoch;
import io.quorate.model.RegionId;
import io.quorate.model.StoreId;
import io.quorate.raft.Membership;
import io.quorate.raft.ReplicaId;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The descriptor follows the log's membership: one epoch per change, never twice, never back. */
class FollowMembershipTest {
  private static final ReplicaId FIRST = new ReplicaId(1, 7);
  private static final ReplicaId SECOND = new ReplicaId(2, 20);
  private static final Membership WITH_LEARNER = new Membership(List.of(FIRST), List.of(SECOND));
  private static final Membership WITH_VOTER = Membership.ofVoters(List.of(SECOND, FIRST));

  @TempDir
  Path directory;

  @Test
  void eachChangeRaisesTheEpochOnceAlsoWhenReplayed() {
    try (TestStore test = new TestStore(directory, SharedStoreConfig.defaults())) {
      RegionStore region = test.create(7, KeyRange.ALL);
      assertThat(region.follow(5, 2, WITH_LEARNER)).isTrue();
      assertThat(region.follow(6, 2, WITH_LEARNER)).isFalse();
      assertThat(region.follow(8, 3, WITH_VOTER)).isTrue();
      RegionDescriptor after = region.descriptor();
      assertThat(after.epoch()).isEqualTo(new RegionEpoch(1, 3));
      assertThat(after.peers())
          .containsExactly(Peer.voter(1, 7), new Peer(new StoreId(2), 20, PeerRole.VOTER));

      test.reopen();
      RegionStore again = test.store().open(new RegionId(7));
      assertThat(again.descriptor()).isEqualTo(after);
      assertThat(again.appliedIndex()).isEqualTo(8);
      assertThat(again.follow(5, 2, WITH_LEARNER)).isFalse();
      assertThat(again.descriptor()).isEqualTo(after);
    }
  }
}
