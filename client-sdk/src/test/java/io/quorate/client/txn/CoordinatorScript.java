package io.quorate.client.txn;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.client.txn.CommitEvent.CommitRefused;
import io.quorate.client.txn.CommitEvent.Committed;
import io.quorate.client.txn.CommitEvent.Conflicted;
import io.quorate.client.txn.CommitEvent.Locked;
import io.quorate.client.txn.CommitEvent.LocksGone;
import io.quorate.client.txn.CommitEvent.LocksStay;
import io.quorate.client.txn.CommitEvent.Moved;
import io.quorate.client.txn.CommitEvent.Prewritten;
import io.quorate.client.txn.CommitEvent.Pushed;
import io.quorate.client.txn.CommitEvent.Refused;
import io.quorate.client.txn.CommitEvent.RolledBack;
import io.quorate.client.txn.CommitEvent.Silent;
import io.quorate.client.txn.CommitEvent.Stamped;
import io.quorate.client.txn.CommitEvent.TimeUp;
import io.quorate.client.txn.CommitEvent.Vanished;
import io.quorate.client.txn.CommitStep.Commit;
import io.quorate.client.txn.CommitStep.CommitPrimary;
import io.quorate.client.txn.CommitStep.Conflict;
import io.quorate.client.txn.CommitStep.Decide;
import io.quorate.client.txn.CommitStep.Done;
import io.quorate.client.txn.CommitStep.Forget;
import io.quorate.client.txn.CommitStep.NotDone;
import io.quorate.client.txn.CommitStep.Prewrite;
import io.quorate.client.txn.CommitStep.Refusal;
import io.quorate.client.txn.CommitStep.Resolve;
import io.quorate.client.txn.CommitStep.RollBack;
import io.quorate.client.txn.CommitStep.Stamp;
import io.quorate.client.txn.CommitStep.Unknown;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.proto.RefusalCode;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The coordinator's conversation, told step by step: two parts, of which the first has the primary key. */
class CoordinatorScript {
  private static final Bytes A = Bytes.utf8("a");
  private static final Bytes Z = Bytes.utf8("z");
  private static final Part FIRST = part(1, A);
  private static final Part SECOND = part(2, Z);
  private static final ForeignLock LOCK = lockOfOneThatBeganAt(3);

  private final Coordinator coordinator =
      new Coordinator(new TransactionId(Bytes.fromHex("01".repeat(16)), 5, A), 2);

  private static ForeignLock lockOfOneThatBeganAt(long start) {
    return new ForeignLock(
        new TransactionId(Bytes.fromHex("00".repeat(16)), start, Z),
        KeyRange.single(Z),
        true,
        3000,
        1);
  }

  private static Part part(int number, Bytes key) {
    return new Part(number, List.of(new KeyWrite(key, key, 0, number - 1)), List.of());
  }

  private void begin() {
    assertThat(coordinator.begin(List.of(FIRST, SECOND)))
        .containsExactly(new Prewrite(FIRST), new Prewrite(SECOND));
  }

  private void beginToCommit() {
    begin();
    assertThat(coordinator.on(new Prewritten(2))).isEmpty();
    assertThat(coordinator.on(new Prewritten(1))).containsExactly(new Stamp());
    assertThat(coordinator.on(new Stamped(10))).containsExactly(new CommitPrimary(FIRST, 10));
  }

  @Test
  void aTransactionIsDecidedByItsPrimaryAndAnsweredBeforeTheRest() {
    beginToCommit();
    assertThat(coordinator.on(new Committed(1, 10)))
        .containsExactly(new Decide(new Done(10)), new Commit(SECOND, 10));
    assertThat(coordinator.on(new Committed(2, 10))).containsExactly(new Forget());
    assertThat(coordinator.ended()).isTrue();
  }

  @Test
  void noNumberIsAskedForBeforeTheLastLock() {
    begin();
    assertThat(coordinator.on(new Prewritten(1))).isEmpty();
    assertThat(coordinator.on(new Prewritten(1))).isEmpty();
    assertThat(coordinator.on(new Stamped(10))).isEmpty();
    assertThat(coordinator.on(new Prewritten(2))).containsExactly(new Stamp());
  }

  @Test
  void aPrewriteWithoutAnswerIsRepeatedAndGivenUpInTheEnd() {
    begin();
    assertThat(coordinator.on(new Silent(2, "?"))).containsExactly(new Prewrite(SECOND));
    assertThat(coordinator.on(new Silent(2, "?"))).containsExactly(new Prewrite(SECOND));
    assertThat(coordinator.on(new Silent(2, "gone")))
        .containsExactly(
            new RollBack(FIRST), new RollBack(SECOND), new Decide(new NotDone("gone")));
  }

  @Test
  void whoMeetsAnOlderTransactionGivesWay() {
    begin();
    assertThat(coordinator.on(new Locked(2, List.of(LOCK))))
        .containsExactly(new Resolve(2, List.of(LOCK)));
    assertThat(coordinator.on(new LocksStay(2, List.of(LOCK))))
        .containsExactly(new RollBack(FIRST), new RollBack(SECOND));
    assertThat(coordinator.on(new RolledBack(2))).isEmpty();
    assertThat(coordinator.on(new RolledBack(1)))
        .contains(new Decide(new Conflict("an older transaction holds a lock", List.of(LOCK))));
    assertThat(coordinator.ended()).isTrue();
  }

  @Test
  void whoMeetsAYoungerOneWaitsWithItsLocks() {
    ForeignLock younger = lockOfOneThatBeganAt(6);
    begin();
    assertThat(coordinator.on(new Prewritten(1))).isEmpty();
    assertThat(coordinator.on(new Locked(2, List.of(younger)))).hasSize(1);
    assertThat(coordinator.on(new LocksStay(2, List.of(younger))))
        .containsExactly(new CommitStep.Pause(2, List.of(younger), 0));
    assertThat(coordinator.on(new CommitEvent.PauseOver(2))).containsExactly(new Prewrite(SECOND));
    assertThat(coordinator.on(new Prewritten(2))).containsExactly(new Stamp());
  }

  @Test
  void whoMeetsADecidedOneGoesOn() {
    begin();
    assertThat(coordinator.on(new Locked(2, List.of(LOCK)))).hasSize(1);
    assertThat(coordinator.on(new LocksGone(2))).containsExactly(new Prewrite(SECOND));
    assertThat(coordinator.on(new Prewritten(1))).isEmpty();
    assertThat(coordinator.on(new Prewritten(2))).containsExactly(new Stamp());
  }

  @Test
  void aRefusalOfOnePartRollsAllBackBeforeItIsTold() {
    begin();
    assertThat(coordinator.on(new Refused(1, RefusalCode.LEASE_NOT_FOUND, "no lease")))
        .containsExactly(new RollBack(FIRST), new RollBack(SECOND));
    assertThat(coordinator.on(new Prewritten(2))).isEmpty();
    assertThat(coordinator.on(new RolledBack(1))).isEmpty();
    assertThat(coordinator.on(new RolledBack(2)))
        .contains(new Decide(new Refusal(RefusalCode.LEASE_NOT_FOUND, "no lease")));
  }

  @Test
  void aPushedCommitTakesANewNumberAboveTheReader() {
    beginToCommit();
    assertThat(coordinator.on(new Pushed(1, 10, 15))).containsExactly(new Stamp());
    assertThat(coordinator.on(new Stamped(14))).containsExactly(new Stamp());
    assertThat(coordinator.on(new Pushed(1, 10, 15))).isEmpty();
    assertThat(coordinator.on(new Stamped(15))).containsExactly(new CommitPrimary(FIRST, 15));
    assertThat(coordinator.on(new Pushed(1, 10, 15))).isEmpty();
    assertThat(coordinator.on(new Committed(1, 15)))
        .containsExactly(new Decide(new Done(15)), new Commit(SECOND, 15));
  }

  @Test
  void aCommitWithoutAnswerIsRepeatedAtTheSameNumberAndNeverRolledBack() {
    beginToCommit();
    assertThat(coordinator.on(new Silent(1, "?"))).containsExactly(new CommitPrimary(FIRST, 10));
    assertThat(coordinator.on(new TimeUp("its deadline is over")))
        .singleElement()
        .isInstanceOfSatisfying(
            Decide.class, decide -> assertThat(decide.verdict()).isInstanceOf(Unknown.class));
    // The answer comes after all: the rest is done for those who wait for the locks.
    assertThat(coordinator.on(new Committed(1, 10))).containsExactly(new Commit(SECOND, 10));
  }

  @Test
  void aCommitThatWasRolledBackByOthersIsAConflict() {
    beginToCommit();
    assertThat(coordinator.on(new Silent(1, "?"))).hasSize(1);
    assertThat(coordinator.on(new CommitRefused(1, "rolled back")))
        .containsExactly(new RollBack(FIRST), new RollBack(SECOND));
  }

  @Test
  void aLateWordAboutAPrewriteIsNoneAboutTheCommit() {
    beginToCommit();
    assertThat(coordinator.on(new Conflicted(1, Bytes.EMPTY, "written at 10, by itself")))
        .isEmpty();
    assertThat(coordinator.on(new Committed(1, 10)))
        .containsExactly(new Decide(new Done(10)), new Commit(SECOND, 10));
  }

  @Test
  void aForgottenCommitIsUnknown() {
    beginToCommit();
    assertThat(coordinator.on(new Vanished(1)))
        .singleElement()
        .isInstanceOfSatisfying(
            Decide.class, decide -> assertThat(decide.verdict()).isInstanceOf(Unknown.class));
    assertThat(coordinator.ended()).isTrue();
  }

  @Test
  void outOfTimeBeforeTheCommitIsCertainlyNotDone() {
    begin();
    assertThat(coordinator.on(new Prewritten(1))).isEmpty();
    assertThat(coordinator.on(new TimeUp("its deadline is over")))
        .containsExactly(
            new RollBack(FIRST),
            new RollBack(SECOND),
            new Decide(new NotDone("not done: its deadline is over")));
    assertThat(coordinator.on(new Prewritten(2))).isEmpty();
    assertThat(coordinator.on(new Stamped(10))).isEmpty();
  }

  @Test
  void aPartOfASplitRegionIsSentInPieces() {
    Part wide = new Part(
        0, List.of(new KeyWrite(A, A, 0, 0), new KeyWrite(Bytes.utf8("b"), A, 0, 1)), List.of());
    Part left = new Part(0, List.of(wide.writes().get(0)), List.of());
    Part right = new Part(0, List.of(wide.writes().get(1)), List.of());
    assertThat(coordinator.begin(List.of(wide))).hasSize(1);
    assertThat(coordinator.on(new Moved(1, List.of(left, right))))
        .containsExactly(new Prewrite(left.numbered(2)), new Prewrite(right.numbered(3)));
    assertThat(coordinator.on(new Prewritten(1))).isEmpty();
    assertThat(coordinator.on(new Prewritten(2))).isEmpty();
    assertThat(coordinator.on(new Prewritten(3))).containsExactly(new Stamp());
    assertThat(coordinator.on(new Stamped(9)))
        .containsExactly(new CommitPrimary(left.numbered(2), 9));
    assertThat(coordinator.on(new Committed(2, 9)))
        .containsExactly(new Decide(new Done(9)), new Commit(right.numbered(3), 9));
  }

  @Test
  void aSecondaryThatNobodyCanReachIsLeftToOthersAndTheDecisionIsKept() {
    beginToCommit();
    assertThat(coordinator.on(new Committed(1, 10))).hasSize(2);
    assertThat(coordinator.on(new Silent(2, "?"))).containsExactly(new Commit(SECOND, 10));
    assertThat(coordinator.on(new Silent(2, "?"))).containsExactly(new Commit(SECOND, 10));
    assertThat(coordinator.on(new Silent(2, "?"))).isEmpty();
    assertThat(coordinator.ended()).isTrue();
  }
}
