package io.quorate.client.txn;

import io.quorate.client.txn.CommitRequests.Head;
import io.quorate.client.txn.CommitStep.Verdict;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One attempt to commit: feeds a {@link Coordinator} with answers and does what it says. Made for one attempt. Thread: whoever
 * brings an event runs what is due, one thing at a time.
 */
final class CommitSession {
  private static final Logger LOG = LoggerFactory.getLogger(CommitSession.class);

  /** Of one request that gets no answer; each has waited until its own deadline. */
  private static final int MAX_REPEATS = 8;

  /** Who waits with locks in hand goes before who has none: others may wait for those. */
  private static final long OF_ALL_FIRST = 1;

  /** Between two questions to an oracle that gives no number. */
  private static final long STAMP_PAUSE_MILLIS = 20;

  /**
   * What outlives a session.
   *
   * @param background permits for sessions that have answered and are not settled
   * @param settling time for each request after the decision
   * @param goesOn asked before each step that sends anything; false ends the session there, as if its process had died
   */
  record Surroundings(
      CommitRequests requests,
      LockResolver resolver,
      TransactionLimits limits,
      Semaphore background,
      Duration settling,
      Predicate<CommitStep> goesOn) {}

  private final Surroundings around;
  private final CommitRequests requests;
  private final Head head;
  private final long deadlineNanos;
  private final Coordinator coordinator;
  private final CompletableFuture<Verdict> outcome = new CompletableFuture<>();
  private final Queue<Runnable> inbox = new ConcurrentLinkedQueue<>();
  private final AtomicInteger pending = new AtomicInteger();

  // Below: by one thread at a time, as a task of the inbox.
  private final Deque<Supplier<CompletableFuture<CommitEvent>>> waiting = new ArrayDeque<>();
  private int underWay;
  private @Nullable Verdict verdict;
  private boolean inBackground;
  private @Nullable CompletableFuture<Void> deadline;
  private @Nullable CompletableFuture<Void> nextBeat;
  private boolean dead;

  CommitSession(Surroundings around, Head head, long deadlineNanos) {
    this.around = around;
    this.requests = around.requests();
    this.head = head;
    this.deadlineNanos = deadlineNanos;
    this.coordinator = new Coordinator(head.id(), MAX_REPEATS);
  }

  /** Begins; the future never fails. */
  CompletableFuture<Verdict> run(List<Part> parts) {
    post(() -> {
      deadline = requests.pause(deadlineNanos - System.nanoTime());
      var unused = deadline.whenComplete((over, ended) -> {
        if (!(ended instanceof CancellationException)) {
          hear(new CommitEvent.TimeUp(ended == null ? "its deadline is over" : message(ended)));
        }
      });
      awaitBeat();
      coordinator.begin(parts).forEach(this::execute);
    });
    return outcome;
  }

  private void awaitBeat() {
    long millis = Math.max(1, head.ttlMillis() / 3);
    nextBeat = requests.pause(TimeUnit.MILLISECONDS.toNanos(millis));
    var unused = nextBeat.thenRun(() -> post(() -> {
      if (!coordinator.ended() && !dead) {
        awaitBeat();
        coordinator.on(new CommitEvent.BeatDue()).forEach(this::execute);
      }
    }));
  }

  private static String message(Throwable failure) {
    return String.valueOf(failure.getMessage());
  }

  private void hear(CommitEvent event) {
    post(() -> coordinator.on(event).forEach(this::execute));
  }

  private void post(Runnable task) {
    inbox.add(task);
    if (pending.getAndIncrement() != 0) {
      return;
    }
    do {
      Runnable next = inbox.poll();
      try {
        if (next != null) {
          next.run();
        }
      } catch (RuntimeException broken) {
        LOG.error("transaction {} met what cannot be", head.id(), broken);
        die("what cannot be: " + broken);
      }
      if (coordinator.ended() || dead) {
        end();
      }
    } while (pending.decrementAndGet() != 0);
  }

  private void execute(CommitStep step) {
    if (step instanceof CommitStep.Decide decide) {
      decide(decide.verdict());
    } else if (!dead && around.goesOn().test(step)) {
      carryOut(step);
    } else {
      die("its coordinator was ended");
    }
  }

  /** Nothing more is sent; what was is for others to settle. */
  private void die(String why) {
    if (!dead) {
      dead = true;
      waiting.clear();
      coordinator.on(new CommitEvent.TimeUp(why)).forEach(this::execute);
    }
  }

  private void carryOut(CommitStep step) {
    if (step instanceof CommitStep.Prewrite prewrite) {
      ask(prewrite.part(), () -> requests.prewrite(head, prewrite.part(), deadlineNanos));
    } else if (step instanceof CommitStep.CommitPrimary commit) {
      ask(
          commit.part(),
          () -> requests.commitPrimary(head, commit.part(), commit.revision(), deadlineNanos));
    } else if (step instanceof CommitStep.Commit commit) {
      ask(
          commit.part(),
          () -> requests.commit(head, commit.part(), commit.revision(), settlingDeadline()));
    } else if (step instanceof CommitStep.RollBack back) {
      ask(back.part(), () -> requests.rollBack(head, back.part(), settlingDeadline()));
    } else if (step instanceof CommitStep.Resolve resolve) {
      resolve(resolve);
    } else if (step instanceof CommitStep.Pause pause) {
      pause(pause);
    } else if (step instanceof CommitStep.Stamp) {
      stamp();
    } else if (step instanceof CommitStep.Beat) {
      beat();
    } else if (step instanceof CommitStep.Forget) {
      var unused = requests.forget(head.id(), settlingDeadline());
    }
  }

  private long settlingDeadline() {
    return System.nanoTime() + around.settling().toNanos();
  }

  /** Sends a request about a part, if not too many are under way; else once one of them is answered. */
  private void ask(Part part, Supplier<CompletableFuture<CommitEvent>> request) {
    waiting.add(() -> request
        .get()
        .exceptionally(failure -> new CommitEvent.Silent(part.number(), String.valueOf(failure)))
        .thenCompose(event -> event instanceof CommitEvent.Moved
            ? cut(part)
            : CompletableFuture.completedFuture(event)));
    sendNext();
  }

  private void sendNext() {
    while (underWay < around.limits().lanes() && !waiting.isEmpty()) {
      underWay++;
      var unused = waiting
          .remove()
          .get()
          .whenComplete((event, failure) -> post(() -> {
            underWay--;
            if (failure == null) {
              coordinator.on(event).forEach(this::execute);
            }
            sendNext();
          }));
    }
  }

  private CompletableFuture<CommitEvent> cut(Part part) {
    return new PartCutter(
            requests, around.limits().partBytes(), part.writes(), part.reads(), settlingDeadline())
        .cut()
        .handle((pieces, failure) -> failure == null
            ? new CommitEvent.Moved(part.number(), pieces)
            : new CommitEvent.Silent(part.number(), message(failure)));
  }

  private void resolve(CommitStep.Resolve resolve) {
    var unused = around
        .resolver()
        .settle(resolve.locks(), deadlineNanos)
        .whenComplete((alive, failure) -> hear(
            failure == null && alive.isEmpty()
                ? new CommitEvent.LocksGone(resolve.part())
                : new CommitEvent.LocksStay(
                    resolve.part(), failure == null ? alive : resolve.locks())));
  }

  private void pause(CommitStep.Pause pause) {
    var unused = around
        .resolver()
        .awaitTurn(
            pause.locks().get(0), OF_ALL_FIRST, head.id().id(), pause.before(), deadlineNanos)
        .thenRun(() -> hear(new CommitEvent.PauseOver(pause.part())));
  }

  private void stamp() {
    var unused = requests.next(deadlineNanos).whenComplete((revision, failure) -> {
      if (failure == null) {
        hear(new CommitEvent.Stamped(revision));
      } else {
        var unusedTimer = requests
            .pause(TimeUnit.MILLISECONDS.toNanos(STAMP_PAUSE_MILLIS))
            .thenRun(() -> hear(new CommitEvent.Unstamped(message(failure))));
      }
    });
  }

  private void beat() {
    var unused = requests.beat(head, deadlineNanos).whenComplete((lives, failure) -> {
      if (failure == null && !lives) {
        hear(new CommitEvent.BeatRefused());
      }
    });
  }

  /** Tells the caller now, if there is room to settle the rest in the background; else once it is settled. */
  private void decide(Verdict decided) {
    verdict = decided;
    inBackground = around.background().tryAcquire();
    if (inBackground) {
      outcome.complete(decided);
    }
  }

  private void end() {
    if (nextBeat != null) {
      nextBeat.cancel(false);
    }
    if (deadline != null) {
      deadline.cancel(false);
    }
    if (inBackground) {
      inBackground = false;
      around.background().release();
    }
    if (verdict != null) {
      outcome.complete(verdict);
    }
  }
}
