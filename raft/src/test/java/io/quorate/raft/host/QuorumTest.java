package io.quorate.raft.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.raft.ReplicaId;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class QuorumTest {
  @Test
  void majorityOfThreeIsTwo() {
    Quorum quorum = new Quorum(List.of(replicas(1, 2, 3)));
    assertThat(quorum.reachedBy(set(1))).isFalse();
    assertThat(quorum.reachedBy(set(1, 3))).isTrue();
    assertThat(quorum.deniedBy(set(1))).isFalse();
    assertThat(quorum.deniedBy(set(1, 2))).isTrue();
  }

  @Test
  void halfOfFourIsNoMajority() {
    Quorum quorum = new Quorum(List.of(replicas(1, 2, 3, 4)));
    assertThat(quorum.reachedBy(set(1, 2))).isFalse();
    assertThat(quorum.reachedBy(set(1, 2, 4))).isTrue();
    assertThat(quorum.deniedBy(set(1, 2))).isTrue();
  }

  @Test
  void whileMembersChangeBothSetsMustAgree() {
    Quorum quorum = new Quorum(List.of(replicas(1, 2, 3), replicas(3, 4, 5)));
    assertThat(quorum.reachedBy(set(1, 2))).isFalse();
    assertThat(quorum.reachedBy(set(1, 3, 4))).isTrue();
    assertThat(quorum.deniedBy(set(4, 5))).isTrue();
    assertThat(quorum.voters()).containsExactlyElementsOf(replicas(1, 2, 3, 4, 5));
  }

  @Test
  void onlyVoterIsAMajorityAndStrangersDoNotCount() {
    Quorum quorum = new Quorum(List.of(replicas(1)));
    assertThat(quorum.reachedBy(set(2, 3))).isFalse();
    assertThat(quorum.reachedBy(set(1))).isTrue();
  }

  @Test
  void nobodyIsNoMajority() {
    Quorum quorum = new Quorum(List.of(List.of()));
    assertThat(quorum.reachedBy(set(1))).isFalse();
    assertThat(quorum.deniedBy(set())).isTrue();
  }

  private static List<ReplicaId> replicas(long... ids) {
    return Arrays.stream(ids).mapToObj(id -> new ReplicaId(id, id)).toList();
  }

  private static Set<ReplicaId> set(long... ids) {
    return new HashSet<>(
        LongStream.of(ids).mapToObj(id -> new ReplicaId(id, id)).toList());
  }
}
