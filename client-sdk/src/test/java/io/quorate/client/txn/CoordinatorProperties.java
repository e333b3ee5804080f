package io.quorate.client.txn;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.client.txn.CommitEvent.CommitRefused;
import io.quorate.client.txn.CommitEvent.Committed;
import io.quorate.client.txn.CommitEvent.Conflicted;
import io.quorate.client.txn.CommitEvent.Moved;
import io.quorate.client.txn.CommitEvent.Prewritten;
import io.quorate.client.txn.CommitEvent.Pushed;
import io.quorate.client.txn.CommitEvent.RolledBack;
import io.quorate.client.txn.CommitEvent.Silent;
import io.quorate.client.txn.CommitEvent.Stamped;
import io.quorate.client.txn.CommitEvent.TimeUp;
import io.quorate.client.txn.CommitEvent.Unstamped;
import io.quorate.client.txn.CommitStep.Decide;
import io.quorate.client.txn.CommitStep.Done;
import io.quorate.client.txn.CommitStep.Unknown;
import io.quorate.client.txn.CommitStep.Verdict;
import io.quorate.model.Bytes;
import io.quorate.testing.Seeds;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Goal: whatever becomes of messages, and whoever else looks after the locks, a transaction is decided at most once, never
 * committed after it was said not to be, and in all of its parts alike. Method: one coordinator against keys that follow the
 * region's rules in the most obvious way, with requests and answers lost, repeated, late and out of order; readers that push;
 * strangers that roll back what the primary has not decided; parts that are cut. The judge looks at the keys, not at messages.
 */
class CoordinatorProperties {
  private static final int STEPS = 400;

  @Seeds(2000)
  void decidedOnceAndAlikeEverywhere(long seed) {
    new World(new Random(seed)).play();
  }

  private enum Fate {
    NONE,
    LOCKED,
    COMMITTED,
    ROLLED_BACK
  }

  /** One transaction's keys, each in a region of its own, and the messages on their way. */
  private static final class World {
    private final Random random;
    private final List<Bytes> keys = new ArrayList<>();
    private final Map<Bytes, Fate> fates = new HashMap<>();
    private final List<Runnable> onTheWay = new ArrayList<>();
    private final Coordinator coordinator;
    private long oracle = 10;
    private long minCommit;
    private long committedAt;
    private boolean forgotten;
    private int cuts;
    private @Nullable Verdict verdict;

    World(Random random) {
      this.random = random;
      int count = 2 + random.nextInt(4);
      for (int i = 0; i < count; i++) {
        keys.add(Bytes.utf8("k" + i));
        fates.put(keys.get(i), Fate.NONE);
      }
      this.coordinator = new Coordinator(
          new TransactionId(Bytes.fromHex("00".repeat(16)), 5, keys.get(0)), random.nextInt(6));
    }

    void play() {
      int middle = 1 + random.nextInt(keys.size() - 1);
      execute(coordinator.begin(
          List.of(part(keys.subList(0, middle)), part(keys.subList(middle, keys.size())))));
      for (int i = 0; i < STEPS && !onTheWay.isEmpty(); i++) {
        if (random.nextInt(12) == 0) {
          meddle();
        }
        onTheWay.remove(random.nextInt(onTheWay.size())).run();
        judge();
      }
      hear(new TimeUp("its deadline is over"));
      while (!onTheWay.isEmpty()) {
        onTheWay.remove(random.nextInt(onTheWay.size())).run();
        judge();
      }
      assertThat(verdict).as("it is decided in the end").isNotNull();
    }

    private static Part part(List<Bytes> of) {
      List<KeyWrite> writes = new ArrayList<>();
      of.forEach(key -> writes.add(new KeyWrite(key, key, 0, writes.size())));
      return Part.of(writes, List.of());
    }

    /** A reader, or somebody who thinks that the coordinator is gone. */
    private void meddle() {
      Fate primary = fates.get(keys.get(0));
      if (random.nextBoolean()) {
        minCommit = ++oracle + 1;
      } else if (primary == Fate.LOCKED || (primary == Fate.NONE && random.nextInt(3) == 0)) {
        fates.put(keys.get(0), Fate.ROLLED_BACK);
      }
      Bytes key = keys.get(1 + random.nextInt(keys.size() - 1));
      if (fates.get(keys.get(0)) == Fate.ROLLED_BACK && fates.get(key) == Fate.LOCKED) {
        fates.put(key, Fate.ROLLED_BACK);
      } else if (fates.get(keys.get(0)) == Fate.COMMITTED && fates.get(key) == Fate.LOCKED) {
        fates.put(key, Fate.COMMITTED);
      }
    }

    private void judge() {
      Fate primary = fates.get(keys.get(0));
      for (Bytes key : keys) {
        if (fates.get(key) == Fate.COMMITTED) {
          assertThat(primary).as("%s is committed", key).isEqualTo(Fate.COMMITTED);
        }
        if (primary == Fate.COMMITTED) {
          assertThat(fates.get(key)).as("%s is lost", key).isIn(Fate.LOCKED, Fate.COMMITTED);
        }
      }
      if (verdict instanceof Done done) {
        assertThat(primary).isEqualTo(Fate.COMMITTED);
        assertThat(done.revision()).isEqualTo(committedAt);
      } else if (verdict != null && !(verdict instanceof Unknown)) {
        assertThat(primary).as("said to be %s", verdict).isNotEqualTo(Fate.COMMITTED);
      }
      if (forgotten && primary == Fate.COMMITTED) {
        assertThat(fates.values()).as("forgotten").containsOnly(Fate.COMMITTED);
      }
    }

    private void hear(CommitEvent event) {
      execute(coordinator.on(event));
    }

    private void execute(List<CommitStep> steps) {
      for (CommitStep step : steps) {
        if (step instanceof CommitStep.Prewrite prewrite) {
          send(prewrite.part(), () -> prewrite(prewrite.part()));
        } else if (step instanceof CommitStep.CommitPrimary commit) {
          send(commit.part(), () -> commitPrimary(commit.part(), commit.revision()));
        } else if (step instanceof CommitStep.Commit commit) {
          send(commit.part(), () -> commit(commit.part(), commit.revision()));
        } else if (step instanceof CommitStep.RollBack back) {
          send(back.part(), () -> rollBack(back.part()));
        } else if (step instanceof CommitStep.Stamp) {
          onTheWay.add(
              () -> hear(random.nextInt(8) == 0 ? new Unstamped("?") : new Stamped(++oracle)));
        } else if (step instanceof CommitStep.Forget) {
          forgotten = true;
        } else if (step instanceof Decide decide) {
          assertThat(verdict).as("decided twice").isNull();
          verdict = decide.verdict();
        }
      }
    }

    /** The request, its twin, its answer, and the news that there will be none, each in its own time or never. */
    private void send(Part part, Supplier<CommitEvent> request) {
      int luck = random.nextInt(10);
      if (luck == 0 && part.writes().size() > 1 && cuts < 4) {
        cuts++;
        int middle = 1 + random.nextInt(part.writes().size() - 1);
        onTheWay.add(() -> hear(new Moved(
            part.number(),
            List.of(
                Part.of(part.writes().subList(0, middle), List.of()),
                Part.of(part.writes().subList(middle, part.writes().size()), List.of())))));
      } else if (luck <= 2) {
        // Lost on the way there, or back.
        if (random.nextBoolean()) {
          onTheWay.add(() -> {
            var unused = request.get();
          });
        }
        onTheWay.add(() -> hear(new Silent(part.number(), "?")));
      } else {
        onTheWay.add(() -> {
          CommitEvent answer = request.get();
          onTheWay.add(() -> hear(answer));
        });
        if (luck == 3) {
          onTheWay.add(() -> {
            CommitEvent answer = request.get();
            onTheWay.add(() -> hear(answer));
          });
        }
      }
    }

    private CommitEvent prewrite(Part part) {
      for (KeyWrite write : part.writes()) {
        Fate fate = fates.get(write.key());
        if (fate == Fate.ROLLED_BACK || fate == Fate.COMMITTED) {
          return new Conflicted(part.number(), Bytes.EMPTY, "too late");
        }
      }
      part.writes().forEach(write -> fates.put(write.key(), Fate.LOCKED));
      return new Prewritten(part.number());
    }

    private CommitEvent commitPrimary(Part part, long revision) {
      Fate fate = fates.get(keys.get(0));
      if (fate == Fate.ROLLED_BACK || fate == Fate.NONE) {
        return new CommitRefused(part.number(), "rolled back");
      }
      if (fate == Fate.LOCKED) {
        if (revision < minCommit) {
          return new Pushed(part.number(), revision, minCommit);
        }
        committedAt = revision;
        part.writes().forEach(write -> fates.put(write.key(), Fate.COMMITTED));
      }
      return new Committed(part.number(), committedAt);
    }

    private CommitEvent commit(Part part, long revision) {
      assertThat(revision).isEqualTo(committedAt);
      part.writes().forEach(write -> {
        if (fates.get(write.key()) == Fate.LOCKED) {
          fates.put(write.key(), Fate.COMMITTED);
        }
      });
      return new Committed(part.number(), revision);
    }

    private CommitEvent rollBack(Part part) {
      part.writes().forEach(write -> {
        assertThat(fates.get(write.key())).isNotEqualTo(Fate.COMMITTED);
        fates.put(write.key(), Fate.ROLLED_BACK);
      });
      return new RolledBack(part.number());
    }
  }
}
