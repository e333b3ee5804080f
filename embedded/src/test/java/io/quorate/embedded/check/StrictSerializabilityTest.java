package io.quorate.embedded.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.embedded.check.SeenTxn.Append;
import io.quorate.embedded.check.SeenTxn.Outcome;
import io.quorate.embedded.check.SeenTxn.Read;
import io.quorate.embedded.check.SeenTxn.Step;
import io.quorate.testing.Seeds;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Each anomaly is found and named in a history made to have it, and none is cried in a good one. */
class StrictSerializabilityTest {
  private final List<SeenTxn> history = new ArrayList<>();

  private static Step append(String key, long value) {
    return new Append(key, value);
  }

  private static Step read(String key, long... values) {
    List<Long> list = new ArrayList<>();
    for (long value : values) {
      list.add(value);
    }
    return new Read(key, list);
  }

  private void txn(long began, long ended, Step... steps) {
    txn(Outcome.COMMITTED, began, ended, steps);
  }

  private void txn(Outcome outcome, long began, long ended, Step... steps) {
    history.add(new SeenTxn(history.size() + 1, List.of(steps), outcome, began, ended));
  }

  private void broken(String name, String... words) {
    assertThat(StrictSerializability.anomalies(history))
        .anyMatch(
            told -> told.startsWith(name + ": ") && Arrays.stream(words).allMatch(told::contains));
  }

  private void fine() {
    assertThat(StrictSerializability.anomalies(history)).isEmpty();
  }

  /** Time and memory grow with the history, not with its square; and one wrong read in it is found. */
  @Test
  void aLongHistoryIsJudged() {
    int count = 30_000;
    Random random = new Random(1);
    Map<String, List<Long>> lists = new HashMap<>();
    for (int number = 0; number < count; number++) {
      List<Step> steps = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        String key = "list " + random.nextInt(24) + " of " + number / 500;
        List<Long> list = lists.computeIfAbsent(key, first -> new ArrayList<>());
        steps.add(new Read(key, list));
        long value = number * 3L + i;
        list.add(value);
        steps.add(new Append(key, value));
      }
      history.add(new SeenTxn(number, steps, Outcome.COMMITTED, number * 10L, number * 10L + 25));
    }
    fine();
    txn(count * 10L + 100, count * 10L + 110, read("list 0 of 0"));
    broken("real-time G-single", "T" + (count + 1));
  }

  @Test
  void whatSomeOrderExplainsIsFine() {
    txn(0, 10, append("x", 1), read("x", 1));
    txn(5, 20, read("x"), append("y", 2));
    txn(21, 30, read("x", 1), read("y", 2), append("x", 3), append("x", 4), read("x", 1, 3, 4));
    txn(31, 40, read("x", 1, 3, 4));
    fine();
  }

  @Test
  void anUnknownOneMayBeSeenOrNot() {
    txn(Outcome.UNKNOWN, 0, SeenTxn.NEVER, append("x", 1), append("y", 2));
    txn(5, 10, read("x"), read("y"));
    txn(11, 20, read("x", 1), read("y", 2));
    txn(Outcome.UNKNOWN, 0, SeenTxn.NEVER, append("x", 7));
    fine();
  }

  @Test
  void anUnknownOneSeenInPartIsNot() {
    txn(Outcome.UNKNOWN, 0, SeenTxn.NEVER, append("x", 1), append("y", 2));
    txn(5, 10, read("x", 1), read("y"));
    txn(11, 20, read("y", 2));
    broken("G-single");
  }

  @Test
  void writesInterleavedAreG0() {
    txn(0, 100, append("x", 1), append("y", 2));
    txn(0, 100, append("x", 3), append("y", 4));
    txn(200, 210, read("x", 1, 3));
    txn(200, 210, read("y", 4, 2));
    broken("G0", "T1 wrote before (x: 1, 3) T2 wrote before (y: 4, 2) T1");
  }

  @Test
  void readingTheRefusedIsG1a() {
    txn(Outcome.ABORTED, 0, 10, append("x", 1));
    txn(0, 20, read("x", 1));
    broken("G1a", "T1");
  }

  @Test
  void readingTheUnfinishedIsG1b() {
    txn(0, 100, append("x", 1), append("x", 2));
    txn(0, 100, read("x", 1));
    broken("G1b", "appended 2 after 1");
  }

  @Test
  void readingFromEachOtherIsG1c() {
    txn(0, 100, append("x", 1), read("y", 2));
    txn(0, 100, append("y", 2), read("x", 1));
    broken("G1c", "was read by");
  }

  @Test
  void aLostUpdateIsFound() {
    txn(0, 100, read("x"), append("x", 1));
    txn(0, 100, read("x"), append("x", 2));
    txn(200, 210, read("x", 1, 2));
    broken("G-single", "T2 did not see what was written by (x: 1)");
  }

  @Test
  void anUpdateThatNobodySeesIsFound() {
    txn(0, 100, append("x", 1));
    txn(101, 200, append("x", 2));
    txn(201, 300, read("x", 1));
    broken("real-time G-single", "x: 2, which nobody read");
  }

  @Test
  void writeSkewIsFound() {
    txn(0, 100, read("x"), read("y"), append("x", 1));
    txn(0, 100, read("x"), read("y"), append("y", 2));
    txn(200, 210, read("x", 1), read("y", 2));
    broken("G2", "T1 did not see what was written by (y: 2) T2");
  }

  @Test
  void aLongForkIsFound() {
    txn(0, 100, append("x", 1));
    txn(0, 100, append("y", 2));
    txn(0, 100, read("x", 1), read("y"));
    txn(0, 100, read("x"), read("y", 2));
    broken("G2", "T3", "T4");
  }

  @Test
  void aReadOfThePastIsFound() {
    txn(0, 10, append("x", 1));
    txn(20, 30, read("x"));
    txn(40, 50, read("x", 1));
    broken("real-time G-single", "T1 had ended before", "T2 did not see");
  }

  @Test
  void aFutureWriteIsFound() {
    txn(0, 10, read("x", 1));
    txn(20, 30, append("x", 1));
    broken("real-time G1c");
  }

  @Test
  void ordersThatDoNotFitAreFound() {
    txn(0, 100, append("x", 1));
    txn(0, 100, append("x", 2));
    txn(0, 100, read("x", 1, 2));
    txn(0, 100, read("x", 2));
    broken("incompatible orders", "T4");
  }

  @Test
  void notSeeingOnesOwnAppendIsInternal() {
    txn(0, 100, append("x", 1), read("x"));
    broken("internal", "its own appends [1]");
  }

  @Test
  void readingAnotherStateTheSecondTimeIsInternal() {
    txn(0, 100, append("x", 1));
    txn(0, 100, read("x"), read("x", 1));
    broken("internal", "where [] had to be");
  }

  @Test
  void theSameAppendTwiceIsFound() {
    txn(0, 100, append("x", 1));
    txn(0, 100, read("x", 1, 1));
    broken("twice");
  }

  /** Transactions done one after the other at a moment inside their spans; of some the client never hears. */
  private static List<SeenTxn> serial(Random random, int count) {
    Map<String, List<Long>> lists = new HashMap<>();
    List<SeenTxn> all = new ArrayList<>();
    long value = 1;
    for (int i = 0; i < count; i++) {
      long moment = 100L * i;
      List<Step> steps = new ArrayList<>();
      for (int step = 1 + random.nextInt(4); step > 0; step--) {
        String key = "k" + random.nextInt(4);
        List<Long> list = lists.computeIfAbsent(key, absent -> new ArrayList<>());
        if (random.nextBoolean()) {
          list.add(value);
          steps.add(new Append(key, value++));
        } else {
          steps.add(new Read(key, List.copyOf(list)));
        }
      }
      boolean unknown = random.nextInt(8) == 0;
      all.add(new SeenTxn(
          i,
          steps,
          unknown ? Outcome.UNKNOWN : Outcome.COMMITTED,
          moment - random.nextInt(400),
          unknown ? SeenTxn.NEVER : moment + random.nextInt(400)));
    }
    Collections.shuffle(all, random);
    return all;
  }

  @Seeds(300)
  void noSerialHistoryIsCalledBroken(long seed) {
    assertThat(StrictSerializability.anomalies(serial(new Random(seed), 60))).isEmpty();
  }

  @Test
  void aLargeHistoryIsJudgedWithoutRecursion() {
    List<SeenTxn> large = new ArrayList<>();
    for (int i = 0; i < 50_000; i++) {
      String key = "k" + i / 100;
      List<Long> before = new ArrayList<>();
      for (int value = i - i % 100; value < i; value++) {
        before.add((long) value);
      }
      large.add(new SeenTxn(
          i,
          List.of(new Read(key, before), new Append(key, i)),
          Outcome.COMMITTED,
          2L * i,
          2L * i + 1));
    }
    assertThat(StrictSerializability.anomalies(large)).isEmpty();
  }
}
