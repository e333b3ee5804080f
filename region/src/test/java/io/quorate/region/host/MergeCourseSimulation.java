package io.quorate.region.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Peer;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionEpoch;
import io.quorate.model.RegionId;
import io.quorate.model.StoreId;
import io.quorate.region.command.MergeState;
import io.quorate.region.command.MergeStep;
import io.quorate.region.command.Outcome;
import io.quorate.testing.Seeds;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * The protocol of a merge without anything around it: two logs, three stores that apply them as late as they like, words that are
 * lost, doubled and late, and every store coordinating at once, each forgetting what it knew at any moment. That is more than
 * leaders, crashes and pauses can do.
 */
class MergeCourseSimulation {
  private static final int STORES = 3;
  private static final long PATIENCE = 40;
  private static final RegionId LEFT = new RegionId(1);
  private static final RegionId RIGHT = new RegionId(2);
  private static final long FIRST_INDEX = 10;

  @Seeds(3000)
  void noStoreTakesInWhatStillServesAnywhereAndAllEnds(long seed) {
    new Run(new Random(seed)).play();
  }

  /** One of the two regions on one store. */
  private static final class Replica {
    private RegionDescriptor region;
    private MergeState state = MergeState.NONE;
    private int applied;
    private boolean ended;

    Replica(RegionDescriptor region) {
      this.region = region;
    }
  }

  private record Flying(StoreId from, StoreId to, MergeWord word) {}

  private static final class Run {
    private final Random random;
    private final List<MergeStep> leftLog = new ArrayList<>();
    private final List<MergeStep> rightLog = new ArrayList<>();
    private final List<Replica> lefts = new ArrayList<>();
    private final List<Replica> rights = new ArrayList<>();
    private final Map<StoreId, MergeCourse> courses = new HashMap<>();
    private final List<Flying> flying = new ArrayList<>();
    private long now;
    private boolean merged;

    Run(Random random) {
      this.random = random;
      for (int store = 1; store <= STORES; store++) {
        lefts.add(new Replica(region(LEFT, Bytes.EMPTY, Bytes.utf8("m"))));
        rights.add(new Replica(region(RIGHT, Bytes.utf8("m"), Bytes.EMPTY)));
      }
    }

    private static RegionDescriptor region(RegionId id, Bytes start, Bytes end) {
      List<Peer> peers = new ArrayList<>();
      for (int store = 1; store <= STORES; store++) {
        peers.add(Peer.voter(store, id.value() * 10 + store));
      }
      return new RegionDescriptor(id, KeyRange.of(start, end), RegionEpoch.FIRST, peers);
    }

    void play() {
      for (int i = 0; i < 600; i++) {
        act(any(), random.nextInt(12));
      }
      // In peace: everything arrives, and everybody goes on.
      for (int i = 0; i < 60; i++) {
        for (int store = 1; store <= STORES; store++) {
          StoreId one = new StoreId(store);
          boolean more = true;
          while (more) {
            more = apply(one);
          }
          follow(one);
          askHowItEnded(one);
        }
        List<Flying> all = List.copyOf(flying);
        flying.clear();
        all.forEach(this::hear);
        now++;
      }
      for (int i = 0; i < STORES; i++) {
        assertThat(lefts.get(i).state.pending()).as("EveryMergeEnds").isEmpty();
        assertThat(rights.get(i).ended || !rights.get(i).state.isFrozen())
            .as("NobodyStaysFrozen")
            .isTrue();
        assertThat(rights.get(i).ended).as("AllStoresAlike").isEqualTo(merged);
        assertThat(lefts.get(i).region).as("AllStoresAlike").isEqualTo(lefts.get(0).region);
      }
    }

    private StoreId any() {
      return new StoreId(1 + random.nextInt(STORES));
    }

    private Replica left(StoreId store) {
      return lefts.get((int) store.value() - 1);
    }

    private Replica right(StoreId store) {
      return rights.get((int) store.value() - 1);
    }

    private void act(StoreId store, int lot) {
      now++;
      switch (lot) {
        case 0 -> {
          if (!right(store).ended && !left(store).state.isUnderWay() && random.nextInt(3) == 0) {
            leftLog.add(new MergeStep.Prepare(left(store).region.epoch(), right(store).region));
          }
        }
        case 1, 2 -> follow(store);
        case 3 -> askHowItEnded(store);
        case 4 -> {
          if (random.nextInt(4) == 0) {
            courses.remove(store);
          }
        }
        case 5, 6, 7 -> apply(store);
        default -> {
          if (!flying.isEmpty()) {
            Flying one = flying.get(random.nextInt(flying.size()));
            if (random.nextInt(5) > 0) {
              flying.remove(one);
            }
            if (random.nextInt(8) > 0) {
              hear(one);
            }
          }
        }
      }
    }

    /** The next entry of either log; false if there is none. */
    private boolean apply(StoreId store) {
      Replica left = left(store);
      Replica right = right(store);
      boolean leftFirst = random.nextBoolean();
      if (leftFirst && left.applied < leftLog.size()) {
        applyLeft(left, right);
        return true;
      }
      if (!right.ended && right.applied < rightLog.size()) {
        MergeStep step = rightLog.get(right.applied++);
        if (step.judge(FIRST_INDEX + right.applied, right.region, right.state)
            instanceof Outcome.Merge done) {
          right.state = done.state();
        }
        return true;
      }
      if (left.applied < leftLog.size()) {
        applyLeft(left, right);
        return true;
      }
      return false;
    }

    private void applyLeft(Replica left, Replica right) {
      MergeStep step = leftLog.get(left.applied++);
      if (!(step.judge(FIRST_INDEX + left.applied, left.region, left.state)
          instanceof Outcome.Merge done)) {
        return;
      }
      if (!done.region().equals(left.region)) {
        MergeState.Pending pending = left.state.pending().orElseThrow();
        merged = true;
        for (Replica each : rights) {
          assertThat(each.ended || each.state.isFrozenFor(LEFT, pending.generation()))
              .as("NobodyServesWhatIsTakenIn")
              .isTrue();
        }
        left.state = done.state().committed(pending.generation(), pending.right(), right.state);
        right.ended = true;
      } else {
        left.state = done.state();
      }
      left.region = done.region();
    }

    private void follow(StoreId store) {
      MergeState.Pending merge = left(store).state.pending().orElse(null);
      if (merge == null) {
        courses.remove(store);
        return;
      }
      MergeCourse course = courses.get(store);
      if (course == null || course.merge().generation() != merge.generation()) {
        course = MergeCourse.begin(merge, now);
      }
      courses.put(store, course);
      MergeCourse.Move move = course.next(now, PATIENCE);
      switch (move) {
        case GATHER, FREEZE -> {
          MergeWord.Kind kind = move == MergeCourse.Move.FREEZE
              ? MergeWord.Kind.FREEZE
              : MergeWord.Kind.ARE_YOU_READY;
          for (StoreId to : course.missing(move)) {
            say(store, to, word(kind, merge.generation()));
          }
        }
        case COMMIT -> leftLog.add(new MergeStep.Commit(merge.generation()));
        case ABORT -> leftLog.add(new MergeStep.Abort(merge.generation()));
      }
    }

    private static MergeWord word(MergeWord.Kind kind, long generation) {
      return new MergeWord(kind, LEFT, generation, RIGHT, RegionEpoch.FIRST);
    }

    private void say(StoreId from, StoreId to, MergeWord word) {
      flying.add(new Flying(from, to, MergeWord.decode(word.encode())));
    }

    private void askHowItEnded(StoreId store) {
      Replica right = right(store);
      if (!right.ended) {
        right.state.frozen().ifPresent(by -> {
          for (int to = 1; to <= STORES; to++) {
            say(store, new StoreId(to), word(MergeWord.Kind.HOW_DID_IT_END, by.generation()));
          }
        });
      }
    }

    private void hear(Flying one) {
      StoreId here = one.to();
      MergeWord word = one.word();
      Replica left = left(here);
      Replica right = right(here);
      boolean begun = left.state.isPending(word.generation());
      switch (word.kind()) {
        case ARE_YOU_READY -> {
          if (begun && !right.ended) {
            say(here, one.from(), word.as(MergeWord.Kind.READY));
          }
        }
        case READY ->
          courses.computeIfPresent(
              here,
              (store, course) -> course.merge().generation() == word.generation()
                  ? course.readyAt(one.from())
                  : course);
        case FREEZE -> {
          if (begun && right.state.isFrozenFor(LEFT, word.generation())) {
            say(here, one.from(), word.as(MergeWord.Kind.FROZEN));
          } else if (begun && !right.ended && !right.state.isUnderWay()) {
            rightLog.add(new MergeStep.Freeze(word.epoch(), LEFT, word.generation()));
          }
        }
        case FROZEN ->
          courses.computeIfPresent(
              here,
              (store, course) -> course.merge().generation() == word.generation()
                  ? course.confirmedBy(one.from())
                  : course);
        case HOW_DID_IT_END -> {
          if (left.state.decision(word.generation()).filter(d -> !d.committed()).isPresent()) {
            say(here, one.from(), word.as(MergeWord.Kind.ABORTED));
          }
        }
        case ABORTED -> {
          if (!right.ended && right.state.isFrozenFor(LEFT, word.generation())) {
            rightLog.add(new MergeStep.Thaw(LEFT, word.generation()));
          }
        }
      }
    }
  }
}
