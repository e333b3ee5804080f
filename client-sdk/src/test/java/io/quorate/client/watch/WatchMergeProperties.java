package io.quorate.client.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.client.KeyValue;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.testing.Seeds;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Goal: whatever the parts do, what is released is the history: by revision, whole revisions, nothing twice, nothing missing.
 * Method: a random history over a few keys; parts that tell their pieces at their own pace, stop in the middle of a revision, are
 * cut and told anew; the naive model is the history itself, sorted.
 */
class WatchMergeProperties {
  private static final int KEYS = 20;
  private static final long LAST = 60;

  @Seeds(400)
  void whatIsReleasedIsTheHistory(long seed) {
    new Run(seed, /* immediate= */ false).play();
  }

  @Seeds(200)
  void theImmediateModeLosesNothingAndKeepsTheOrderOfEachKey(long seed) {
    new Run(seed, /* immediate= */ true).play();
  }

  /** Parts that were cut from one that told already go on as one: what it would have told together they tell together. */
  @Test
  void whatWasOneRegionStaysOneOrderInTheImmediateMode() {
    WatchMerge merge = new WatchMerge(KeyRange.ALL, 0, true);
    Bytes m = Bytes.utf8("m");
    Bytes t = Bytes.utf8("t");
    List<WatchMerge.Part> regions = merge.replace(
        merge.parts().iterator().next(),
        List.of(KeyRange.of(Bytes.EMPTY, t), KeyRange.of(t, Bytes.EMPTY)));
    WatchMerge.Part whole = regions.get(0);
    merge.resolved(whole, 4);
    List<WatchMerge.Part> cut =
        merge.replace(whole, List.of(KeyRange.of(Bytes.EMPTY, m), KeyRange.of(m, t)));
    WatchMerge.Entry left = Run.entry(Bytes.utf8("a"), 5, 0);
    WatchMerge.Entry right = Run.entry(Bytes.utf8("n"), 5, 1);
    WatchMerge.Entry other = Run.entry(Bytes.utf8("z"), 9, 0);

    merge.event(cut.get(1), right);
    merge.resolved(cut.get(1), 5);
    merge.event(regions.get(1), other);
    merge.resolved(regions.get(1), 9);
    assertThat(merge.release()).as("the other region waits for nobody").containsExactly(other);
    assertThat(merge.waitsFor(cut.get(0))).isEqualTo(5);
    assertThat(merge.waitsFor(regions.get(1))).isZero();

    merge.event(cut.get(0), left);
    merge.resolved(cut.get(0), 6);
    assertThat(merge.release()).containsExactly(left, right);
    assertThat(merge.bufferedBytes()).isZero();
  }

  /** One random history, told once. */
  private static final class Run {
    private final Random random;
    private final boolean immediate;
    private final List<WatchMerge.Entry> history = new ArrayList<>();
    private final long start;
    private final WatchMerge merge;
    private final List<WatchMerge.Entry> released = new ArrayList<>();
    /** How far each part has told: index into what it has to tell. */
    private final Map<WatchMerge.Part, Integer> told = new HashMap<>();

    Run(long seed, boolean immediate) {
      this.random = new Random(seed);
      this.immediate = immediate;
      for (long revision = 1; revision <= LAST; revision++) {
        int events = random.nextInt(4);
        TreeSet<Integer> keys = new TreeSet<>();
        for (int i = 0; i < events; i++) {
          keys.add(random.nextInt(KEYS));
        }
        int sub = 0;
        for (int key : keys) {
          history.add(entry(key(key), revision, sub++));
        }
      }
      this.start = 1L + random.nextInt((int) LAST);
      this.merge = new WatchMerge(KeyRange.ALL, start - 1, immediate);
      cut(merge.parts().iterator().next());
    }

    private static Bytes key(int number) {
      return Bytes.utf8(String.valueOf((char) ('a' + number)));
    }

    private static WatchMerge.Entry entry(Bytes key, long revision, int sub) {
      KeyValue kv = new KeyValue(key, Bytes.EMPTY, revision, revision, 1, 0);
      return new WatchMerge.Entry(
          new WatchEvent(WatchEvent.Type.PUT, kv, Optional.empty()), sub, 10 + sub);
    }

    void play() {
      for (int step = 0; step < 100_000 && merge.frontier() < LAST; step++) {
        List<WatchMerge.Part> parts = List.copyOf(merge.parts());
        WatchMerge.Part part = parts.get(random.nextInt(parts.size()));
        int lot = random.nextInt(100);
        if (lot < 70) {
          tell(part);
        } else if (lot < 94) {
          resolve(part);
        } else if (lot < 97) {
          merge.interrupted(part);
          told.remove(part);
        } else if (parts.size() < 8) {
          cut(part);
        }
        if (random.nextInt(4) == 0) {
          take();
        }
      }
      take();
      assertThat(merge.frontier()).as("Liveness").isEqualTo(LAST);
      List<WatchMerge.Entry> expected =
          history.stream().filter(one -> one.revision() >= start).toList();
      if (immediate) {
        assertThat(released).containsExactlyInAnyOrderElementsOf(expected);
        Map<Bytes, Long> last = new HashMap<>();
        for (WatchMerge.Entry one : released) {
          assertThat(one.revision()).isGreaterThan(last.getOrDefault(one.event().key(), 0L));
          last.put(one.event().key(), one.revision());
        }
      } else {
        assertThat(released).isEqualTo(expected);
      }
      assertThat(merge.bufferedBytes()).isZero();
    }

    private List<WatchMerge.Entry> story(WatchMerge.Part part) {
      return history.stream()
          .filter(one -> one.revision() > part.frontier()
              && part.range().contains(one.event().key()))
          .toList();
    }

    /** The next event that the part has not told since it began at its frontier. */
    private void tell(WatchMerge.Part part) {
      List<WatchMerge.Entry> story = story(part);
      int at = told.getOrDefault(part, 0);
      if (at < story.size()) {
        merge.event(part, story.get(at));
        told.put(part, at + 1);
      }
    }

    /** Up to any revision of which it has told all. */
    private void resolve(WatchMerge.Part part) {
      List<WatchMerge.Entry> story = story(part);
      int at = told.getOrDefault(part, 0);
      long most = at < story.size() ? story.get(at).revision() - 1 : LAST;
      if (most > part.frontier()) {
        long to = part.frontier() + 1 + random.nextInt((int) (most - part.frontier()));
        int done = (int) story.stream().filter(one -> one.revision() <= to).count();
        merge.resolved(part, to);
        told.put(part, at - done);
      }
    }

    private void cut(WatchMerge.Part part) {
      Bytes middle = key(random.nextInt(KEYS));
      told.remove(part);
      boolean inside =
          part.range().contains(middle) && !middle.equals(part.range().start());
      List<WatchMerge.Part> fresh = merge.replace(
          part,
          inside
              ? List.of(
                  KeyRange.of(part.range().start(), middle),
                  KeyRange.of(middle, part.range().end()))
              : List.of(part.range()));
      assertThat(merge.has(part)).isFalse();
      assertThat(fresh).allMatch(one -> one.frontier() == part.frontier());
    }

    private void take() {
      List<WatchMerge.Entry> now = merge.release();
      if (!immediate && !now.isEmpty()) {
        assertThat(now).isSortedAccordingTo(Comparator.comparingLong(WatchMerge.Entry::revision));
        long from = now.get(0).revision();
        if (!released.isEmpty()) {
          assertThat(from)
              .as("WholeRevisions")
              .isGreaterThan(released.get(released.size() - 1).revision());
        }
        assertThat(now.get(now.size() - 1).revision()).isLessThanOrEqualTo(merge.frontier());
      }
      released.addAll(now);
    }
  }
}
