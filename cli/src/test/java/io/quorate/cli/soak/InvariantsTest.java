package io.quorate.cli.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Each invariant catches the history made to break it, and none cries over a good one. */
class InvariantsTest {
  private static final int A = 1;
  private static final int B = 2;

  private final List<Op> ops = new ArrayList<>();
  private final List<Op> before = new ArrayList<>();
  private final List<Op> last = new ArrayList<>();

  private void happened(Op... more) {
    ops.addAll(Arrays.asList(more));
  }

  /** The key holds that value at the end, of that revision and version. */
  private void holds(int key, long value, long revision, long version) {
    last.add(Op.read(key, value, revision, version, 1_000_000, 1_000_001));
  }

  private History history() {
    return new History(ops, before, last);
  }

  /** Exactly that invariant is broken, and tells of the words. */
  private void breaks(Class<? extends Invariant> invariant, String words) {
    assertThat(Invariant.broken(history()))
        .isNotEmpty()
        .allMatch(told -> told.startsWith(invariant.getSimpleName() + ": "))
        .anyMatch(told -> told.contains(words));
  }

  private void breaksAlso(Class<? extends Invariant> invariant, String words) {
    assertThat(Invariant.broken(history()))
        .anyMatch(
            told -> told.startsWith(invariant.getSimpleName() + ": ") && told.contains(words));
  }

  private void holdsAll() {
    assertThat(Invariant.broken(history())).isEmpty();
  }

  @Test
  void goodHistoryBreaksNothing() {
    before.add(Op.read(A, 900, 5, 3, 0, 0));
    happened(
        Op.put(A, 101, 11, 10, 20),
        Op.put(B, 102, 12, 15, 40),
        Op.read(A, 900, 5, 3, 11, 14),
        Op.read(A, 101, 11, 4, 12, 25),
        Op.read(B, 0, 0, 0, 16, 18),
        Op.read(A, 101, 11, 4, 50, 60).at(13),
        Op.read(B, 102, 12, 1, 50, 60).at(13),
        Op.refused(A, 103, 60, 61),
        Op.unknown(B, 104, 62),
        Op.unknown(A, 105, 63),
        Op.put(A, 106, 20, 70, 80));
    holds(A, 106, 20, 6);
    holds(B, 104, 18, 2);
    holdsAll();
    assertThat(history().unsettled()).extracting(Op::value).containsExactly(103L, 105L);
  }

  @Test
  void writesAtTheSameTimeMayTakeAnyOrder() {
    happened(
        Op.put(A, 101, 12, 10, 30),
        Op.put(A, 102, 11, 10, 30),
        Op.read(A, 102, 11, 1, 10, 30),
        Op.read(A, 101, 12, 2, 10, 30));
    holds(A, 101, 12, 2);
    holdsAll();
  }

  @Test
  void lostNewestWriteIsSeen() {
    happened(Op.put(A, 101, 11, 10, 20), Op.put(A, 102, 12, 30, 40));
    holds(A, 101, 11, 1);
    breaksAlso(AckedWritesSurvive.class, "lost: ");
  }

  @Test
  void lostOnlyWriteIsSeen() {
    happened(Op.put(A, 101, 11, 10, 20));
    holds(A, 0, 0, 0);
    breaksAlso(AckedWritesSurvive.class, "lost: ");
  }

  @Test
  void writeLostBetweenTwoThatSurviveIsSeenByTheVersion() {
    before.add(Op.read(A, 900, 5, 7, 0, 0));
    happened(Op.put(A, 101, 11, 10, 20), Op.put(A, 102, 12, 30, 40));
    holds(A, 102, 12, 8);
    breaks(AckedWritesSurvive.class, "lost in between: at least 9");
  }

  @Test
  void whatWasThereBeforeMayNotBeLostEither() {
    before.add(Op.read(A, 900, 5, 7, 0, 0));
    holds(A, 0, 0, 0);
    breaksAlso(AckedWritesSurvive.class, "lost: ");
  }

  @Test
  void lookThatIsMissingProvesNothing() {
    happened(Op.put(A, 101, 11, 10, 20));
    breaks(AckedWritesSurvive.class, "is missing");
  }

  @Test
  void otherValueAtTheAcknowledgedRevisionIsSeen() {
    happened(Op.put(A, 101, 11, 10, 20), Op.unknown(A, 102, 10));
    holds(A, 102, 11, 1);
    breaksAlso(AckedWritesSurvive.class, "another value");
    breaksAlso(RevisionsUnique.class, "two writes");
  }

  @Test
  void revisionGivenTwiceIsSeen() {
    happened(Op.put(A, 101, 11, 10, 30), Op.put(B, 102, 11, 10, 30));
    holds(A, 101, 11, 1);
    holds(B, 102, 11, 1);
    breaks(RevisionsUnique.class, "two writes");
  }

  @Test
  void revisionGivenToAnAcknowledgedAndAnUnknownPutIsSeenByTheRead() {
    happened(Op.put(A, 101, 11, 10, 30), Op.unknown(B, 102, 10), Op.read(B, 102, 11, 1, 10, 30));
    holds(A, 101, 11, 1);
    holds(B, 102, 11, 1);
    breaks(RevisionsUnique.class, "two writes");
  }

  @Test
  void laterWriteOfAnotherKeyWithASmallerRevisionIsSeen() {
    happened(Op.put(A, 101, 12, 10, 20), Op.put(B, 102, 11, 21, 30));
    holds(A, 101, 12, 1);
    holds(B, 102, 11, 1);
    breaks(RevisionsInRealTimeOrder.class, "began after this had ended");
  }

  @Test
  void unknownWriteWithARevisionOfThePastIsSeen() {
    happened(Op.put(A, 101, 12, 10, 20), Op.unknown(B, 102, 21));
    holds(A, 101, 12, 1);
    holds(B, 102, 11, 1);
    breaks(RevisionsInRealTimeOrder.class, "(revision 11)");
  }

  @Test
  void writeBelowASnapshotAlreadyShownIsSeen() {
    happened(Op.read(A, 0, 0, 0, 10, 20).at(15), Op.put(A, 101, 14, 21, 30));
    holds(A, 101, 14, 1);
    breaksAlso(RevisionsInRealTimeOrder.class, "began after this had ended");
  }

  @Test
  void snapshotOfThePastIsSeen() {
    happened(Op.put(A, 101, 12, 10, 20), Op.read(B, 0, 0, 0, 21, 30).at(11));
    holds(A, 101, 12, 1);
    breaks(RevisionsInRealTimeOrder.class, "began after this had ended");
  }

  @Test
  void oracleThatTellsThePastIsSeen() {
    happened(Op.put(A, 101, 12, 10, 20), Op.current(11, 21, 30));
    holds(A, 101, 12, 1);
    breaks(RevisionsInRealTimeOrder.class, "began after this had ended");
  }

  @Test
  void oracleThatGivesThePastIsSeen() {
    happened(Op.current(12, 10, 20), Op.next(1, 12, 21, 30));
    breaks(RevisionsInRealTimeOrder.class, "began after this had ended");
  }

  @Test
  void oracleThatGivesARevisionTwiceIsSeen() {
    happened(Op.next(1, 12, 10, 30), Op.next(2, 12, 10, 30));
    breaks(RevisionsUnique.class, "two writes");
  }

  @Test
  void oracleThatGivesTheRevisionOfAWriteIsSeen() {
    happened(Op.next(1, 12, 10, 30), Op.put(A, 101, 12, 10, 30));
    holds(A, 101, 12, 1);
    breaks(RevisionsUnique.class, "two writes");
  }

  @Test
  void writeBelowWhatTheOracleHasToldIsSeen() {
    happened(Op.current(12, 10, 20), Op.put(A, 101, 12, 21, 30));
    holds(A, 101, 12, 1);
    breaks(RevisionsInRealTimeOrder.class, "began after this had ended");
  }

  @Test
  void oracleInOrderIsNotBlamed() {
    happened(
        Op.next(1, 12, 10, 20),
        Op.current(12, 15, 22),
        Op.put(A, 101, 13, 21, 30),
        Op.current(13, 31, 32));
    holds(A, 101, 13, 1);
    holdsAll();
  }

  @Test
  void staleReadAfterAnAcknowledgedWriteIsSeen() {
    happened(
        Op.put(A, 101, 11, 10, 20), Op.put(A, 102, 12, 30, 40), Op.read(A, 101, 11, 1, 41, 50));
    holds(A, 102, 12, 2);
    breaks(ReadsNotStale.class, "began after this had ended");
  }

  @Test
  void staleReadAfterAnotherReadIsSeen() {
    happened(
        Op.put(A, 101, 11, 10, 20), Op.unknown(A, 102, 30),
        Op.read(A, 102, 12, 2, 31, 40), Op.read(A, 101, 11, 1, 41, 50));
    holds(A, 102, 12, 2);
    breaks(ReadsNotStale.class, "began after this had ended");
  }

  @Test
  void emptyReadAfterAWriteIsSeenAlsoOnTheGreaterOfTwoKeys() {
    happened(Op.put(A, 101, 11, 10, 20), Op.put(B, 102, 12, 10, 20), Op.read(B, 0, 0, 0, 21, 30));
    holds(A, 101, 11, 1);
    holds(B, 102, 12, 1);
    breaks(ReadsNotStale.class, "began after this had ended");
  }

  @Test
  void valueNobodyPutIsSeen() {
    happened(Op.put(A, 101, 11, 10, 20), Op.read(A, 77, 12, 1, 10, 30));
    holds(A, 101, 13, 1);
    breaksAlso(ReadsMatchWrites.class, "nobody put");
    breaksAlso(ReadsMatchWrites.class, "another revision");
  }

  @Test
  void valueOfAnotherKeyIsSeen() {
    happened(Op.put(A, 101, 11, 10, 20), Op.unknown(B, 102, 10), Op.read(A, 102, 12, 1, 10, 30));
    holds(A, 101, 11, 1);
    breaksAlso(ReadsMatchWrites.class, "nobody put");
  }

  @Test
  void readFromTheFutureIsSeen() {
    happened(Op.read(A, 101, 11, 1, 10, 20), Op.put(A, 101, 11, 30, 40));
    holds(A, 101, 11, 1);
    breaksAlso(ReadsMatchWrites.class, "before it was put");
  }

  @Test
  void versionNewerThanItsSnapshotIsSeen() {
    happened(Op.put(A, 101, 11, 10, 30), Op.read(A, 101, 11, 1, 10, 30).at(10));
    holds(A, 101, 11, 1);
    breaks(ReadsMatchWrites.class, "newer than the snapshot");
  }

  @Test
  void snapshotWithAHoleIsSeenThoughTheWriteWasUnderWay() {
    happened(
        Op.put(A, 101, 11, 10, 40), Op.put(B, 102, 12, 10, 40),
        Op.read(A, 0, 0, 0, 20, 30).at(12), Op.read(B, 102, 12, 1, 20, 30).at(12));
    holds(A, 101, 11, 1);
    holds(B, 102, 12, 1);
    breaks(SnapshotsWhole.class, "the write of revision 11 is missing");
  }

  @Test
  void refusedWriteThatShowsUpIsSeen() {
    happened(Op.refused(A, 101, 10, 20));
    holds(A, 101, 11, 1);
    breaksAlso(RefusedNeverApplied.class, "shows up");
  }

  @Test
  void unknownWriteDoneTwiceIsSeenByItsRevisions() {
    happened(Op.unknown(A, 101, 10), Op.read(A, 101, 11, 1, 11, 20));
    holds(A, 101, 12, 1);
    breaks(UnknownAtMostOnce.class, "done twice");
  }

  @Test
  void writeDoneTwiceUnseenIsToldByTheVersion() {
    before.add(Op.read(A, 900, 5, 7, 0, 0));
    happened(Op.put(A, 101, 11, 10, 20), Op.unknown(A, 102, 30), Op.put(A, 103, 15, 40, 50));
    holds(A, 103, 15, 11);
    breaks(UnknownAtMostOnce.class, "at most 10");
  }

  @Test
  void millionOperationsAreJudgedWithinSeconds() {
    Random random = new Random(1);
    Map<Integer, Op> held = new HashMap<>();
    long revision = 0;
    for (int number = 1; number <= 1_000_000; number++) {
      int key = random.nextInt(200);
      Op current = held.getOrDefault(key, Op.read(key, 0, 0, 0, 0, 0));
      if (random.nextBoolean()) {
        revision++;
        happened(Op.put(key, number, revision, 10L * number, 10L * number + 30));
        held.put(key, Op.read(key, number, revision, current.version() + 1, 0, 0));
      } else {
        happened(Op.read(
            key,
            current.value(),
            current.revision(),
            current.version(),
            10L * number,
            10L * number + 30));
      }
    }
    held.values().forEach(at -> holds(at.key(), at.value(), at.revision(), at.version()));
    last.replaceAll(
        at -> Op.read(at.key(), at.value(), at.revision(), at.version(), 20_000_000, 20_000_001));
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long start = threads.getCurrentThreadCpuTime();
    assertThat(Invariant.broken(history())).isEmpty();
    Duration took = Duration.ofNanos(threads.getCurrentThreadCpuTime() - start);
    assertThat(took).isLessThan(Duration.ofSeconds(60));
  }
}
