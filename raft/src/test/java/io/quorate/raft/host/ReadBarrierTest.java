package io.quorate.raft.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.proto.GroupTerm;
import io.quorate.raft.GroupId;
import io.quorate.raft.LogException;
import io.quorate.raft.ReadPoint;
import io.quorate.raft.ReplicaId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ReadBarrierTest {
  private static final ReplicaId ONE = new ReplicaId(1, 11);
  private static final ReplicaId TWO = new ReplicaId(2, 12);
  private static final ReplicaId THREE = new ReplicaId(3, 13);

  private final SimGroup group = new SimGroup();
  private final AppliedWait applied = new AppliedWait();
  private final ReadBarrier barrier =
      new ReadBarrier(group, applied, 4, TimeUnit.SECONDS.toNanos(1));

  @Test
  void oneOtherVoterOfThreeConfirms() {
    applied.advance(10);
    CompletableFuture<ReadPoint> read = barrier.arrive();
    assertThat(read).isNotDone();
    group.answer(THREE, true);
    assertThat(read).isCompletedWithValue(new ReadPoint(5, 10));
  }

  @Test
  void readWaitsUntilWhatWasCommittedIsApplied() {
    applied.advance(9);
    CompletableFuture<ReadPoint> read = barrier.arrive();
    group.answer(TWO, true);
    assertThat(read).isNotDone();
    applied.advance(10);
    assertThat(read).isCompletedWithValue(new ReadPoint(5, 10));
  }

  @Test
  void readThatArrivesDuringARoundWaitsForTheNext() {
    applied.advance(20);
    CompletableFuture<ReadPoint> first = barrier.arrive();
    Consumer<Boolean> old = group.question(TWO);
    group.committed = 15;
    CompletableFuture<ReadPoint> second = barrier.arrive();
    group.answer(THREE, true);
    assertThat(first).isCompletedWithValue(new ReadPoint(5, 10));
    old.accept(true);
    assertThat(second).as("an answer to the round before proves nothing").isNotDone();
    group.answer(TWO, true);
    assertThat(second).isCompletedWithValue(new ReadPoint(5, 15));
  }

  @Test
  void majorityThatRefusesFailsTheReads() {
    CompletableFuture<ReadPoint> read = barrier.arrive();
    group.answer(TWO, false);
    assertThat(read).isNotDone();
    group.answer(THREE, false);
    assertThat(kind(read)).isEqualTo(LogException.Kind.NOT_LEADER);
  }

  @Test
  void leaderThatItselfPromisedALaterTermNeedsAllOthersAndSoLoses() {
    group.promised = 6;
    CompletableFuture<ReadPoint> read = barrier.arrive();
    group.answer(TWO, false);
    assertThat(kind(read)).isEqualTo(LogException.Kind.NOT_LEADER);
  }

  @Test
  void silenceFailsTheRoundAndTheNextReadsStartAnother() {
    applied.advance(10);
    CompletableFuture<ReadPoint> read = barrier.arrive();
    CompletableFuture<ReadPoint> next = barrier.arrive();
    barrier.expire(System.nanoTime() + TimeUnit.SECONDS.toNanos(2));
    assertThat(kind(read)).isEqualTo(LogException.Kind.NOT_LEADER);
    assertThat(next).isNotDone();
    group.answer(TWO, true);
    assertThat(next).isCompleted();
  }

  @Test
  void whileMembersChangeBothMajoritiesConfirm() {
    applied.advance(10);
    ReplicaId four = new ReplicaId(4, 14);
    group.quorum = new Quorum(List.of(List.of(ONE, TWO, THREE), List.of(ONE, TWO, THREE, four)));
    CompletableFuture<ReadPoint> read = barrier.arrive();
    group.answer(TWO, true);
    assertThat(read).isNotDone();
    group.answer(four, true);
    assertThat(read).isCompleted();
  }

  @Test
  void onlyVoterIsConfirmedAtOnce() {
    applied.advance(10);
    group.quorum = new Quorum(List.of(List.of(ONE)));
    assertThat(barrier.arrive()).isCompletedWithValue(new ReadPoint(5, 10));
  }

  @Test
  void replicaThatDoesNotLeadRefuses() {
    group.leading = Optional.empty();
    assertThat(kind(barrier.arrive())).isEqualTo(LogException.Kind.NOT_LEADER);
  }

  @Test
  void leaderDeposedBetweenRoundsFailsTheReadsThatWaited() {
    barrier.arrive().exceptionally(failed -> new ReadPoint(0, 0));
    CompletableFuture<ReadPoint> second = barrier.arrive();
    group.leading = Optional.empty();
    group.answer(TWO, true);
    assertThat(kind(second)).isEqualTo(LogException.Kind.NOT_LEADER);
  }

  @Test
  void tooManyOpenReadsAreRefused() {
    List<CompletableFuture<ReadPoint>> reads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      reads.add(barrier.arrive());
    }
    assertThat(kind(barrier.arrive())).isEqualTo(LogException.Kind.BUSY);
    barrier.end("stopped");
    for (CompletableFuture<ReadPoint> read : reads) {
      assertThat(kind(read)).isEqualTo(LogException.Kind.REFUSED);
    }
  }

  private static LogException.Kind kind(CompletableFuture<ReadPoint> read) {
    assertThat(read).isDone();
    try {
      throw new AssertionError("succeeded: " + read.join());
    } catch (CompletionException e) {
      if (e.getCause() instanceof LogException failure) {
        return failure.kind();
      }
      throw e;
    }
  }

  /** A leader of term 5 with three voters, whose questions the test answers. */
  private static final class SimGroup implements ReadBarrier.Group {
    private final Map<ReplicaId, Consumer<Boolean>> questions = new LinkedHashMap<>();
    private Optional<Long> leading = Optional.of(5L);
    private Quorum quorum = new Quorum(List.of(List.of(ONE, TWO, THREE)));
    private long committed = 10;
    private long promised = 5;

    void answer(ReplicaId voter, boolean yes) {
      Consumer<Boolean> asked = questions.remove(voter);
      assertThat(asked).as("a question to " + voter).isNotNull();
      question(asked).accept(yes);
    }

    Consumer<Boolean> question(ReplicaId voter) {
      return question(questions.get(voter));
    }

    private static Consumer<Boolean> question(@Nullable Consumer<Boolean> asked) {
      if (asked == null) {
        throw new AssertionError("not asked");
      }
      return asked;
    }

    @Override
    public GroupId id() {
      return new GroupId(1);
    }

    @Override
    public ReplicaId self() {
      return ONE;
    }

    @Override
    public Optional<Long> leadingTerm() {
      return leading;
    }

    @Override
    public boolean promisedBeyond(long term) {
      return promised > term;
    }

    @Override
    public long committedIndex() {
      return committed;
    }

    @Override
    public Quorum quorum() {
      return quorum;
    }

    @Override
    public void ask(ReplicaId voter, GroupTerm question, Consumer<Boolean> answer) {
      questions.put(voter, answer);
    }

    @Override
    public void asked(List<ReplicaId> voters) {}

    @Override
    public void underWay(boolean any) {}
  }
}
