package io.quorate.placement.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Peer;
import io.quorate.model.PeerRole;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionEpoch;
import io.quorate.model.RegionId;
import io.quorate.model.StoreId;
import io.quorate.placement.registry.HeardRegion;
import io.quorate.placement.registry.RegionHealth;
import io.quorate.placement.registry.RegionLoad;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** Operators from order to order, as heartbeats come in. */
class OperatorBookTest {
  private static final long SECOND = 1_000_000_000L;
  private static final Peer ONE = Peer.voter(1, 11);
  private static final Peer TWO = Peer.voter(2, 12);
  private static final Peer THREE = Peer.voter(3, 13);
  private static final Peer NEW_LEARNER = new Peer(new StoreId(4), 99, PeerRole.LEARNER);
  private static final Peer NEW_VOTER = Peer.voter(4, 99);

  private final OperatorBook book = new OperatorBook(Limits.defaults());
  private final HeardRegion start = region(1, 1, Set.of(), ONE, ONE, TWO, THREE);
  private final Operator move = new Operator(
      "test",
      Operator.Kind.REGION,
      start,
      List.of(
          new Step.AddLearner(new StoreId(4), 0),
          new Step.Promote(new StoreId(4)),
          new Step.TransferLeader(new StoreId(1), new StoreId(4)),
          new Step.Remove(ONE)),
      "a test");

  private static HeardRegion region(
      long version, long membership, Set<Long> pending, Peer leader, Peer... peers) {
    return new HeardRegion(
        new RegionDescriptor(
            new RegionId(7),
            KeyRange.of(Bytes.utf8("a"), Bytes.utf8("m")),
            new RegionEpoch(version, membership),
            List.of(peers)),
        Optional.of(leader),
        1,
        30L << 20,
        1,
        new RegionHealth(Map.of(), pending, 0),
        RegionLoad.NONE);
  }

  private String admit(Operator operator, HeardRegion now, long at) {
    return book.admit(operator, now, () -> 99, at).orElse("");
  }

  private String heard(HeardRegion region, long at) {
    return book.heard(region, at)
        .map(dispatch -> "s" + dispatch.store() + " "
            + dispatch.order().toString().replaceAll("\\s+", " ").strip())
        .orElse("");
  }

  private OperatorBook.Progress last() {
    return book.ended(1).get(0);
  }

  @Test
  void aMoveGoesStepByStepAndEachIsConfirmedByAHeartbeat() {
    assertThat(admit(move, start, 0)).isEmpty();
    assertThat(heard(start, 0))
        .startsWith("s1")
        .contains("replica_id: 99")
        .doesNotContain("change: ");
    // Told a moment ago: not repeated at once, but after the resend interval.
    assertThat(heard(start, SECOND)).isEmpty();
    assertThat(heard(start, 3 * SECOND)).contains("replica_id: 99");
    // It is a member, but has no data yet.
    assertThat(heard(region(1, 2, Set.of(99L), ONE, ONE, TWO, THREE, NEW_LEARNER), 4 * SECOND))
        .isEmpty();
    assertThat(heard(region(1, 2, Set.of(), ONE, ONE, TWO, THREE, NEW_LEARNER), 5 * SECOND))
        .contains("change: PROMOTE");
    assertThat(heard(region(1, 3, Set.of(), ONE, ONE, TWO, THREE, NEW_VOTER), 6 * SECOND))
        .contains("transfer_leader")
        .contains("membership: 3");
    assertThat(heard(region(1, 3, Set.of(), NEW_VOTER, ONE, TWO, THREE, NEW_VOTER), 7 * SECOND))
        .startsWith("s4")
        .contains("change: REMOVE");
    assertThat(heard(region(1, 4, Set.of(), NEW_VOTER, TWO, THREE, NEW_VOTER), 8 * SECOND))
        .isEmpty();
    assertThat(last().state()).isEqualTo(OperatorBook.State.SUCCESS);
    assertThat(book.running()).isEmpty();
  }

  @Test
  void aReplicaThatCameToLeadHandsOverBeforeItIsRemoved() {
    admit(move, start, 0);
    heard(region(1, 2, Set.of(), ONE, ONE, TWO, THREE, NEW_LEARNER), 1);
    heard(region(1, 3, Set.of(), TWO, ONE, TWO, THREE, NEW_VOTER), 2);
    assertThat(heard(region(1, 3, Set.of(), ONE, ONE, TWO, THREE, NEW_VOTER), 3))
        .startsWith("s1")
        .contains("transfer_leader")
        .contains("store_id: 2");
  }

  @Test
  void aSplitUnderWayDoesNotEndAMove() {
    admit(move, start, 0);
    assertThat(heard(region(2, 2, Set.of(), ONE, ONE, TWO, THREE, NEW_LEARNER), 1))
        .contains("PROMOTE")
        .contains("version: 2");
  }

  @Test
  void membersChangedByAnotherHandEndIt() {
    admit(move, start, 0);
    assertThat(heard(region(1, 2, Set.of(), ONE, ONE, TWO), 1)).isEmpty();
    assertThat(last().state()).isEqualTo(OperatorBook.State.CANCELLED);
    assertThat(last().note()).contains("another hand");
    assertThat(book.busy(2).resting()).containsKey(new RegionId(7));
    assertThat(book.busy(11 * SECOND).resting()).isEmpty();
  }

  @Test
  void aMergeHoldsBothRegionsAndEndsWhenTheRightOneIsNotWhatItWas() {
    RegionDescriptor right = new RegionDescriptor(
        new RegionId(8),
        KeyRange.of(Bytes.utf8("zz"), Bytes.EMPTY),
        new RegionEpoch(3, 1),
        start.descriptor().peers());
    HeardRegion then = new HeardRegion(right, Optional.empty(), 1, 0, 0);
    Operator merge = new Operator(
        "test", Operator.Kind.MERGE, start, List.of(new Step.Merge(right)), "small neighbours");
    assertThat(admit(merge, start, 0)).isEmpty();
    assertThat(book.busy(0).running()).containsKeys(start.descriptor().id(), right.id());
    book.tick(
        book.running(),
        id -> Optional.of(id.equals(right.id()) ? then : start),
        store -> false,
        store -> false,
        SECOND);
    assertThat(book.running()).hasSize(1);
    HeardRegion later = new HeardRegion(
        new RegionDescriptor(right.id(), right.range(), new RegionEpoch(4, 1), List.of()),
        Optional.empty(),
        1,
        0,
        0);
    book.tick(
        book.running(),
        id -> Optional.of(id.equals(right.id()) ? later : start),
        store -> false,
        store -> false,
        2 * SECOND);
    assertThat(last().state()).isEqualTo(OperatorBook.State.CANCELLED);
    assertThat(last().note()).contains("not what it was");
  }

  @Test
  void aMergeEndsWhenALearnerHasComeBeforeIt() {
    RegionDescriptor right = new RegionDescriptor(
        new RegionId(8),
        KeyRange.of(Bytes.utf8("zz"), Bytes.EMPTY),
        new RegionEpoch(3, 1),
        start.descriptor().peers());
    HeardRegion rightNow = new HeardRegion(right, Optional.empty(), 1, 0, 0);
    HeardRegion joined = region(1, 2, Set.of(), ONE, ONE, TWO, THREE, NEW_LEARNER);
    Operator merge = new Operator(
        "test", Operator.Kind.MERGE, joined, List.of(new Step.Merge(right)), "ordered by hand");
    assertThat(admit(merge, joined, 0)).isEmpty();
    book.tick(
        book.running(),
        id -> Optional.of(id.equals(right.id()) ? rightNow : joined),
        store -> false,
        store -> false,
        SECOND);
    assertThat(book.running()).as("its store refuses the merge for ever").isEmpty();
    assertThat(last().state()).isEqualTo(OperatorBook.State.CANCELLED);
    assertThat(last().note()).contains("nothing but voters");
  }

  @Test
  void aStepThatIsNotSeenDoneTimesOut() {
    admit(move, start, 0);
    book.tick(
        book.running(), id -> Optional.of(start), store -> false, store -> false, 9 * 60 * SECOND);
    assertThat(book.running()).hasSize(1);
    book.tick(
        book.running(), id -> Optional.of(start), store -> false, store -> false, 10 * 60 * SECOND);
    assertThat(last().state()).isEqualTo(OperatorBook.State.TIMEOUT);
  }

  @Test
  void aTargetThatIsGivenUpOrARegionThatIsGoneEndsIt() {
    admit(move, start, 0);
    book.tick(
        book.running(), id -> Optional.of(start), store -> store.value() == 4, store -> true, 1);
    assertThat(last().note()).contains("store 4 is given up");
    admit(move, start, 11 * SECOND);
    book.tick(book.running(), id -> Optional.empty(), store -> false, store -> false, 12 * SECOND);
    assertThat(last().note()).contains("gone");
  }

  /** A leader that was to go to a store which died held its region up for operator-step-timeout and a pause. */
  @Test
  void aLeadershipIsNotWaitedForByAStoreThatWentSilent() {
    Operator transfer = new Operator(
        "test",
        Operator.Kind.LEADER,
        start,
        List.of(new Step.TransferLeader(new StoreId(1), new StoreId(2))),
        "a test");
    admit(transfer, start, 0);
    assertThat(tick(store -> store.value() == 3, SECOND)).hasSize(1);
    assertThat(tick(store -> store.value() == 2, 2 * SECOND)).isEmpty();
    assertThat(last().note()).contains("store 2").contains("not up");
    assertThat(book.busy(2 * SECOND).resting()).as("its repair need not wait").isEmpty();
  }

  @Test
  void aReplicaIsWaitedForByAStoreThatIsSilentForAMoment() {
    admit(move, start, 0);
    assertThat(tick(store -> store.value() == 4, SECOND)).hasSize(1);
    HeardRegion learns = region(1, 2, Set.of(), ONE, ONE, TWO, THREE, NEW_LEARNER);
    heard(learns, 2 * SECOND);
    book.tick(
        book.running(),
        id -> Optional.of(learns),
        store -> false,
        store -> store.value() == 4,
        3 * SECOND);
    assertThat(book.running()).as("the promotion waits, too").hasSize(1);
    book.tick(
        book.running(),
        id -> Optional.of(learns),
        store -> store.value() == 4,
        store -> true,
        4 * SECOND);
    assertThat(last().note()).contains("store 4 is given up");
  }

  /** What still runs when these stores are silent. */
  private Collection<OperatorBook.Progress> tick(Predicate<StoreId> silent, long at) {
    book.tick(book.running(), id -> Optional.of(start), store -> false, silent, at);
    return book.running();
  }

  @Test
  void oneAtATimeForTheShapeItWasPlannedFor() {
    assertThat(admit(move, region(2, 1, Set.of(), ONE, ONE, TWO, THREE), 0)).contains("epoch 2.1");
    assertThat(admit(move, start, 0)).isEmpty();
    assertThat(admit(move, start, 0)).contains("under way");
    Operator byHand = new Operator("operator", Operator.Kind.ADMIN, start, move.steps(), "by hand");
    assertThat(admit(byHand, start, 1)).isEmpty();
    assertThat(last().state()).isEqualTo(OperatorBook.State.REPLACED);
    assertThat(book.cancel(new RegionId(7), "asked", 2)).isTrue();
    assertThat(book.cancel(new RegionId(7), "asked", 2)).isFalse();
  }

  @Test
  void storesTakeOnlySoManyAMinute() {
    int admitted = 0;
    long at = 0;
    for (int i = 0; i < 600; i++) {
      at += SECOND / 10;
      if (book.quota(new StoreId(4), at).add() > 0) {
        HeardRegion region = region(1, 1, Set.of(), ONE, ONE, TWO, THREE);
        book.cancel(new RegionId(7), "again", at);
        assertThat(admit(move, region, at)).isEmpty();
        admitted++;
      }
    }
    assertThat(admitted).isBetween(15, 20);
  }

  @Test
  void historyIsBounded() {
    List<Long> numbers = new ArrayList<>();
    for (int i = 0; i < 1_500; i++) {
      admit(move, start, i);
      book.cancel(new RegionId(7), "again", i);
    }
    book.ended(10_000).forEach(progress -> numbers.add(progress.number()));
    assertThat(numbers).hasSize(1_000).startsWith(1_500L, 1_499L);
  }
}
