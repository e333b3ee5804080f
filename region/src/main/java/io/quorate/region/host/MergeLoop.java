package io.quorate.region.host;

import io.quorate.model.Peer;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionEpoch;
import io.quorate.model.RegionId;
import io.quorate.model.StoreId;
import io.quorate.region.command.MergeState;
import io.quorate.region.command.MergeStep;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the merges of one store's regions to their end: as leader of a left region it has the right one frozen and then commits or
 * aborts; as leader of a right one it freezes, and thaws once the left one has aborted; for every replica it says what is on disk.
 * All it remembers may be forgotten. Owned by the store's engine; does its work on the executor, one task at a time.
 */
final class MergeLoop {
  private static final Logger log = LoggerFactory.getLogger(MergeLoop.class);

  /** Words that wait for the executor; more are dropped, and said again. */
  private static final int MAX_WAITING = 1024;

  /** What it sees of its store, and the way to the others. */
  interface Town {
    StoreId self();

    Collection<RegionHost> regions();

    Optional<RegionHost> region(RegionId id);

    /** To another store; may be lost. */
    void say(StoreId store, byte[] word);

    /** All that was written is durable when it returns. */
    void sync();
  }

  private final Town town;
  private final MergeLimits limits;
  private final Executor executor;
  private final LongSupplier clock;
  private final AtomicInteger waiting = new AtomicInteger();

  // Confined to the executor.
  private final Map<RegionId, MergeCourse> courses = new HashMap<>();
  private final Map<RegionId, Long> askedAt = new HashMap<>();
  /** Regions with a step of this loop's on its way into their logs. */
  private final Set<RegionId> proposing = new HashSet<>();

  /**
   * @param executor runs one task at a time; may refuse once the store stops
   * @param clock nanoseconds, monotonic
   */
  MergeLoop(Town town, MergeLimits limits, Executor executor, LongSupplier clock) {
    this.town = town;
    this.limits = limits;
    this.executor = executor;
    this.clock = clock;
  }

  /** Any thread: begins a merge, if the left region leads here; it goes on by itself from its first entry on. */
  CompletableFuture<MergeState> begin(RegionId left, RegionEpoch expected, RegionDescriptor right) {
    return town.region(left)
        .map(host -> host.merge(new MergeStep.Prepare(expected, right))
            .whenComplete((done, failure) -> wake())
            .thenApply(done -> done.state()))
        .orElseGet(() -> CompletableFuture.failedFuture(
            new IllegalArgumentException("region " + left + " is not here")));
  }

  /** Any thread: another store has said something. */
  void heard(long from, byte[] word) {
    later(() -> {
      try {
        heard(new StoreId(from), MergeWord.decode(word));
      } catch (IllegalStateException e) {
        log.warn("store={} says what cannot be read: {}", from, e.getMessage());
      }
    });
  }

  /** Any thread: a region was frozen here; whoever waits for that need not ask again. */
  void frozen(RegionId right, MergeState.Frozen by) {
    later(() -> town.region(right).ifPresent(host -> {
      MergeWord word = word(MergeWord.Kind.FROZEN, host, by);
      if (isFrozen(word)) {
        toAll(host.descriptor(), word);
      }
    }));
  }

  /** Any thread: time has passed. */
  void wake() {
    if (town.regions().stream().anyMatch(MergeLoop::isUnderWay)) {
      later(this::look);
    }
  }

  private static boolean isWell(RegionHost host) {
    return host.failure().isEmpty();
  }

  private static boolean isUnderWay(RegionHost host) {
    return host.mergeState().isUnderWay();
  }

  private void later(Runnable task) {
    if (waiting.incrementAndGet() > MAX_WAITING) {
      waiting.decrementAndGet();
      return;
    }
    execute(() -> {
      waiting.decrementAndGet();
      task.run();
    });
  }

  private void execute(Runnable task) {
    try {
      executor.execute(task);
    } catch (RejectedExecutionException e) {
      log.debug("merges rest: the store stops");
    }
  }

  // ------------------------------------------------------------------ on the executor

  private void look() {
    Set<RegionId> pending = new HashSet<>();
    for (RegionHost host : town.regions()) {
      MergeState state = host.mergeState();
      RegionId id = host.descriptor().id();
      if (host.leading() && state.pending().isPresent()) {
        pending.add(id);
        follow(host, state.pending().get());
      }
      if (host.leading() && state.frozen().isPresent() && isDue(id)) {
        MergeWord word =
            word(MergeWord.Kind.HOW_DID_IT_END, host, state.frozen().get());
        toAll(host.descriptor(), word);
      }
    }
    courses.keySet().retainAll(pending);
    // What was asked of a replica that is gone is never answered.
    proposing.removeIf(id -> town.region(id).isEmpty());
    askedAt
        .keySet()
        .retainAll(town.regions().stream()
            .filter(MergeLoop::isUnderWay)
            .map(host -> host.descriptor().id())
            .toList());
  }

  private static MergeWord word(MergeWord.Kind kind, RegionHost right, MergeState.Frozen by) {
    RegionDescriptor now = right.descriptor();
    return new MergeWord(kind, by.left(), by.generation(), now.id(), now.epoch());
  }

  private void follow(RegionHost left, MergeState.Pending merge) {
    RegionId id = left.descriptor().id();
    MergeCourse course = courses.get(id);
    if (course == null || course.merge().generation() != merge.generation()) {
      course = MergeCourse.begin(merge, clock.getAsLong());
      courses.put(id, course);
      askedAt.remove(id);
    }
    MergeCourse.Move move = course.next(clock.getAsLong(), limits.patience().toNanos());
    switch (move) {
      case GATHER, FREEZE -> {
        if (isDue(id)) {
          ask(id, course, move);
        }
      }
      case COMMIT -> propose(left, new MergeStep.Commit(merge.generation()));
      case ABORT -> propose(left, new MergeStep.Abort(merge.generation()));
    }
  }

  private boolean isDue(RegionId id) {
    Long last = askedAt.get(id);
    long now = clock.getAsLong();
    if (last != null && now - last < limits.askEvery().toNanos()) {
      return false;
    }
    askedAt.put(id, now);
    return true;
  }

  private void ask(RegionId left, MergeCourse course, MergeCourse.Move move) {
    RegionDescriptor right = course.merge().right();
    MergeWord word = new MergeWord(
        move == MergeCourse.Move.FREEZE ? MergeWord.Kind.FREEZE : MergeWord.Kind.ARE_YOU_READY,
        left,
        course.merge().generation(),
        right.id(),
        right.epoch());
    course.missing(move).forEach(store -> to(store, word));
  }

  private void propose(RegionHost region, MergeStep step) {
    RegionId id = region.descriptor().id();
    if (proposing.add(id)) {
      // Not among what may be dropped: there is one for each region at most.
      var unused = region
          .merge(step)
          .whenComplete((done, failure) -> execute(() -> {
            proposing.remove(id);
            if (failure != null) {
              log.info("region={} {} not done: {}", id, step, failure.getMessage());
            } else if (step instanceof MergeStep.Abort || step instanceof MergeStep.Commit) {
              decided(region, done.state());
            }
          }));
    }
  }

  /** The right one's leader need not ask how it ended. */
  private void decided(RegionHost left, MergeState state) {
    MergeCourse course = courses.remove(left.descriptor().id());
    if (course != null && isAborted(state, course.merge().generation())) {
      RegionDescriptor right = course.merge().right();
      toAll(
          right,
          new MergeWord(
              MergeWord.Kind.ABORTED,
              left.descriptor().id(),
              course.merge().generation(),
              right.id(),
              right.epoch()));
    }
  }

  private static boolean isAborted(MergeState state, long generation) {
    return state.decision(generation).filter(decision -> !decision.committed()).isPresent();
  }

  private void toAll(RegionDescriptor region, MergeWord word) {
    region.peers().stream().map(Peer::store).forEach(store -> to(store, word));
  }

  private void to(StoreId store, MergeWord word) {
    if (store.equals(town.self())) {
      later(() -> heard(store, word));
    } else {
      town.say(store, word.encode());
    }
  }

  private void heard(StoreId from, MergeWord word) {
    switch (word.kind()) {
      case ARE_YOU_READY -> {
        if (isBegun(word) && town.region(word.right()).filter(MergeLoop::isWell).isPresent()) {
          to(from, word.as(MergeWord.Kind.READY));
        }
      }
      case READY -> note(word, course -> course.readyAt(from));
      case FREEZE -> freeze(from, word);
      case FROZEN -> note(word, course -> course.confirmedBy(from));
      case HOW_DID_IT_END -> {
        if (isAborted(word)) {
          to(from, word.as(MergeWord.Kind.ABORTED));
        }
      }
      case ABORTED ->
        town.region(word.right())
            .filter(RegionHost::leading)
            .filter(right -> right.mergeState().isFrozenFor(word.left(), word.generation()))
            .ifPresent(right -> propose(right, new MergeStep.Thaw(word.left(), word.generation())));
    }
  }

  /** By the left region, or by whoever took it in after that. */
  private boolean isAborted(MergeWord word) {
    return town.region(word.left())
        .map(left -> isAborted(left.mergeState(), word.generation()))
        .orElseGet(() -> town.regions().stream()
            .anyMatch(heir -> heir.mergeState().hasEndedWithout(word.left(), word.right())));
  }

  private void note(MergeWord word, UnaryOperator<MergeCourse> answer) {
    MergeCourse course = courses.get(word.left());
    if (course == null || course.merge().generation() != word.generation()) {
      return;
    }
    MergeCourse next = answer.apply(course);
    courses.put(word.left(), next);
    long now = clock.getAsLong();
    long patience = limits.patience().toNanos();
    if (next.next(now, patience) != course.next(now, patience)) {
      askedAt.remove(word.left());
    }
    town.region(word.left())
        .filter(RegionHost::leading)
        .ifPresent(left -> left.mergeState().pending().ifPresent(merge -> follow(left, merge)));
  }

  private boolean isBegun(MergeWord word) {
    return town.region(word.left())
        .filter(left -> left.mergeState().isPending(word.generation()))
        .isPresent();
  }

  private void freeze(StoreId from, MergeWord word) {
    if (isFrozen(word)) {
      to(from, word.as(MergeWord.Kind.FROZEN));
      return;
    }
    boolean begun = isBegun(word);
    Optional<RegionHost> right = town.region(word.right()).filter(RegionHost::leading);
    if (begun && right.isPresent() && !right.get().mergeState().isUnderWay()) {
      propose(right.get(), new MergeStep.Freeze(word.epoch(), word.left(), word.generation()));
    }
  }

  /** Whether the merge is begun and the right one frozen in the replicas here; durable if so. */
  private boolean isFrozen(MergeWord word) {
    boolean begun = isBegun(word);
    boolean frozen = town.region(word.right())
        .filter(MergeLoop::isWell)
        .filter(right -> right.mergeState().isFrozenFor(word.left(), word.generation())
            && right.descriptor().epoch().equals(word.epoch()))
        .isPresent();
    if (begun && frozen) {
      town.sync();
    }
    return begun && frozen;
  }
}
