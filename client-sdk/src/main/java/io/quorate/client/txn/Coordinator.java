package io.quorate.client.txn;

import io.quorate.client.txn.CommitEvent.BeatDue;
import io.quorate.client.txn.CommitEvent.BeatRefused;
import io.quorate.client.txn.CommitEvent.CommitRefused;
import io.quorate.client.txn.CommitEvent.Committed;
import io.quorate.client.txn.CommitEvent.Conflicted;
import io.quorate.client.txn.CommitEvent.Locked;
import io.quorate.client.txn.CommitEvent.LocksGone;
import io.quorate.client.txn.CommitEvent.LocksStay;
import io.quorate.client.txn.CommitEvent.Moved;
import io.quorate.client.txn.CommitEvent.PauseOver;
import io.quorate.client.txn.CommitEvent.Prewritten;
import io.quorate.client.txn.CommitEvent.Pushed;
import io.quorate.client.txn.CommitEvent.Refused;
import io.quorate.client.txn.CommitEvent.RolledBack;
import io.quorate.client.txn.CommitEvent.Silent;
import io.quorate.client.txn.CommitEvent.Stamped;
import io.quorate.client.txn.CommitEvent.TimeUp;
import io.quorate.client.txn.CommitEvent.Unstamped;
import io.quorate.client.txn.CommitEvent.Vanished;
import io.quorate.client.txn.CommitStep.Conflict;
import io.quorate.client.txn.CommitStep.Decide;
import io.quorate.client.txn.CommitStep.Done;
import io.quorate.client.txn.CommitStep.NotDone;
import io.quorate.client.txn.CommitStep.Refusal;
import io.quorate.client.txn.CommitStep.Unknown;
import io.quorate.client.txn.CommitStep.Verdict;
import io.quorate.model.Bytes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Commits one attempt of one transaction whose reads and writes are known (Percolator, OSDI 2010, section 2.2, with locks on
 * what was read). Pure: hears events, answers with steps. Owned by one session; one call at a time.
 */
/*
 * PREWRITING --all held--> STAMPING --number--> COMMITTING --primary committed--> FINISHING --> ENDED
 *      |                      |  ^------ pushed -----|
 *      +-- conflict, refusal, out of time --> ABORTING <-- rolled back by others
 *
 * Two rules carry everything. Nothing is rolled back while a commit of the primary may be under way: from COMMITTING a way to
 * ABORTING or to another number leads only through the primary's own word that it did not commit and, at that number, never
 * will. And of two that meet only the older waits with its locks in hand, while the younger gives way (wait-die, Rosenkrantz et
 * al., TODS 1978): there is no deadlock, and never do both give way.
 */
public final class Coordinator {
  private enum Phase {
    PREWRITING,
    STAMPING,
    COMMITTING,
    FINISHING,
    ABORTING,
    ENDED
  }

  private enum Standing {
    /** A request about it is under way, or its locks in the way are looked at. */
    ASKED,
    /** Locked. */
    HELD,
    /** Committed, or rolled back. */
    SETTLED,
    /** Given up: whoever meets its locks settles it. */
    LEFT
  }

  /** A part and how far it is. */
  private static final class Slot {
    final Part part;
    Standing standing = Standing.ASKED;
    int repeats;
    int pauses;

    Slot(Part part) {
      this.part = part;
    }
  }

  private final TransactionId self;
  private final Bytes primary;
  private final int maxRepeats;
  private final Map<Integer, Slot> slots = new LinkedHashMap<>();
  private final List<CommitStep> steps = new ArrayList<>();
  private Phase phase = Phase.PREWRITING;
  private int lastNumber;
  private long minCommit;
  private long revision;
  private boolean late;
  private boolean decided;
  private @Nullable Verdict verdict;

  /**
   * A coordinator that has not begun.
   *
   * @param self with a primary that is written
   * @param maxRepeats of one request that gets no answer, or meets locks that go, 0 or more
   */
  public Coordinator(TransactionId self, int maxRepeats) {
    this.self = self;
    this.primary = self.primary();
    this.maxRepeats = maxRepeats;
  }

  /** Begins; the parts together are the transaction, and one of them writes the primary. */
  public List<CommitStep> begin(List<Part> parts) {
    if (lastNumber > 0 || parts.stream().noneMatch(part -> part.writes(primary))) {
      throw new IllegalStateException("begun twice, or without the primary " + primary);
    }
    parts.forEach(part -> steps.add(new CommitStep.Prewrite(add(part).part)));
    return taken();
  }

  /** Whether nothing more will come of it. */
  public boolean ended() {
    return phase == Phase.ENDED;
  }

  /** Hears of something. */
  public List<CommitStep> on(CommitEvent event) {
    if (event instanceof TimeUp time) {
      onTimeUp(time.why());
    } else if (event instanceof Stamped stamped) {
      onStamped(stamped.revision());
    } else if (event instanceof Unstamped) {
      onUnstamped();
    } else if (event instanceof BeatDue) {
      onBeatDue();
    } else if (event instanceof BeatRefused) {
      onBeatRefused();
    } else if (event instanceof Moved moved) {
      onMoved(moved);
    } else if (event instanceof Silent silent) {
      onSilent(slots.get(silent.part()), silent.why());
    } else {
      switch (phase) {
        case PREWRITING, STAMPING -> beforeCommit(event);
        case COMMITTING -> whileCommitting(event);
        case FINISHING -> whileFinishing(event);
        case ABORTING -> whileAborting(event);
        case ENDED -> {}
      }
    }
    return taken();
  }

  private List<CommitStep> taken() {
    List<CommitStep> taken = List.copyOf(steps);
    steps.clear();
    return taken;
  }

  private Slot add(Part part) {
    Slot slot = new Slot(part.numbered(++lastNumber));
    slots.put(lastNumber, slot);
    return slot;
  }

  private Slot primarySlot() {
    for (Slot slot : slots.values()) {
      if (slot.part.writes(primary)) {
        return slot;
      }
    }
    throw new IllegalStateException("no part writes the primary " + primary);
  }

  private void beforeCommit(CommitEvent event) {
    if (event instanceof Prewritten prewritten) {
      onPrewritten(prewritten);
    } else if (event instanceof Locked locked) {
      Slot slot = slots.get(locked.part());
      if (slot != null && slot.standing == Standing.ASKED) {
        steps.add(new CommitStep.Resolve(locked.part(), locked.locks()));
      }
    } else if (event instanceof LocksGone gone) {
      Slot slot = slots.get(gone.part());
      if (slot != null && slot.standing == Standing.ASKED) {
        if (slot.repeats++ < maxRepeats) {
          steps.add(new CommitStep.Prewrite(slot.part));
        } else {
          abort(new Conflict("others' locks come and go", List.of()));
        }
      }
    } else if (event instanceof LocksStay stay) {
      Slot slot = slots.get(stay.part());
      if (slot != null && slot.standing == Standing.ASKED) {
        if (stay.locks().stream().allMatch(lock -> self.isOlderThan(lock.owner()))) {
          steps.add(new CommitStep.Pause(stay.part(), stay.locks(), slot.pauses++));
        } else {
          abort(new Conflict("an older transaction holds a lock", stay.locks()));
        }
      }
    } else if (event instanceof PauseOver over) {
      Slot slot = slots.get(over.part());
      if (slot != null && slot.standing == Standing.ASKED) {
        steps.add(new CommitStep.Prewrite(slot.part));
      }
    } else if (event instanceof Conflicted conflicted && slots.containsKey(conflicted.part())) {
      abort(new Conflict(conflicted.why(), List.of(), conflicted.key()));
    } else if (event instanceof Refused refused && slots.containsKey(refused.part())) {
      abort(new Refusal(refused.code(), refused.message()));
    }
  }

  private void onPrewritten(Prewritten prewritten) {
    Slot slot = slots.get(prewritten.part());
    if (slot == null || slot.standing != Standing.ASKED || phase != Phase.PREWRITING) {
      return;
    }
    slot.standing = Standing.HELD;
    slot.repeats = 0;
    if (slots.values().stream().allMatch(each -> each.standing == Standing.HELD)) {
      stamp();
    }
  }

  private void stamp() {
    phase = Phase.STAMPING;
    steps.add(new CommitStep.Stamp());
  }

  private void onStamped(long number) {
    if (phase != Phase.STAMPING) {
      return;
    }
    if (number < minCommit) {
      steps.add(new CommitStep.Stamp());
      return;
    }
    revision = number;
    phase = Phase.COMMITTING;
    steps.add(new CommitStep.CommitPrimary(primarySlot().part, revision));
  }

  private void onUnstamped() {
    if (phase == Phase.STAMPING) {
      steps.add(new CommitStep.Stamp());
    }
  }

  private void whileCommitting(CommitEvent event) {
    Slot slot = primarySlot();
    int number = slot.part.number();
    if (event instanceof Committed committed && committed.part() == number) {
      slot.standing = Standing.SETTLED;
      phase = Phase.FINISHING;
      revision = committed.revision();
      decide(new Done(revision));
      for (Slot other : slots.values()) {
        if (other != slot) {
          other.standing = Standing.ASKED;
          steps.add(new CommitStep.Commit(other.part, revision));
        }
      }
      finishIfSettled();
    } else if (event instanceof Pushed pushed
        && pushed.part() == number
        && pushed.revision() == revision) {
      minCommit = Math.max(minCommit, pushed.minCommit());
      if (late) {
        abort(new NotDone("out of time"));
      } else {
        stamp();
      }
    } else if (event instanceof CommitRefused refused && refused.part() == number) {
      abort(new Conflict(refused.why(), List.of()));
    } else if (event instanceof Vanished vanished && vanished.part() == number) {
      decide(new Unknown("the region of the primary key has forgotten the transaction"));
      phase = Phase.ENDED;
    } else if (event instanceof Refused refused && refused.part() == number) {
      // This request was not done; one before it, of which nothing was heard, may have been.
      decide(new Unknown(refused.message()));
      phase = Phase.ENDED;
    }
  }

  private void whileFinishing(CommitEvent event) {
    if (event instanceof Committed committed) {
      settle(slots.get(committed.part()), Standing.SETTLED);
    } else if (event instanceof Refused refused) {
      settle(slots.get(refused.part()), Standing.LEFT);
    }
  }

  private void whileAborting(CommitEvent event) {
    if (event instanceof RolledBack rolledBack) {
      settle(slots.get(rolledBack.part()), Standing.SETTLED);
    } else if (event instanceof Refused refused) {
      settle(slots.get(refused.part()), Standing.LEFT);
    }
  }

  private void settle(@Nullable Slot slot, Standing as) {
    if (slot != null && slot.standing == Standing.ASKED) {
      slot.standing = as;
      finishIfSettled();
    }
  }

  private void abort(Verdict why) {
    phase = Phase.ABORTING;
    verdict = why;
    for (Slot slot : slots.values()) {
      slot.standing = Standing.ASKED;
      slot.repeats = 0;
      steps.add(new CommitStep.RollBack(slot.part));
    }
    if (late || why instanceof NotDone) {
      decide(why);
    }
  }

  private void finishIfSettled() {
    boolean all = true;
    for (Slot slot : slots.values()) {
      if (slot.standing == Standing.ASKED) {
        return;
      }
      all &= slot.standing == Standing.SETTLED;
    }
    if (phase == Phase.ABORTING && verdict != null) {
      decide(verdict);
    }
    if (all) {
      steps.add(new CommitStep.Forget());
    }
    phase = Phase.ENDED;
  }

  private void decide(Verdict now) {
    if (!decided) {
      decided = true;
      steps.add(new Decide(now));
    }
  }

  private void onTimeUp(String why) {
    late = true;
    switch (phase) {
      case PREWRITING, STAMPING -> abort(new NotDone("not done: " + why));
      case COMMITTING ->
        decide(new Unknown("the region of the primary key had not answered the commit: " + why));
      case ABORTING -> {
        if (verdict != null) {
          decide(verdict);
        }
      }
      case FINISHING, ENDED -> {}
    }
  }

  private void onBeatDue() {
    boolean lives =
        phase == Phase.PREWRITING || phase == Phase.STAMPING || phase == Phase.COMMITTING;
    if (lives && (phase != Phase.PREWRITING || primarySlot().standing == Standing.HELD)) {
      steps.add(new CommitStep.Beat());
    }
  }

  private void onBeatRefused() {
    if (phase == Phase.PREWRITING || phase == Phase.STAMPING) {
      abort(new Conflict("rolled back by another", List.of()));
    }
  }

  private void onMoved(Moved moved) {
    Slot slot = slots.get(moved.part());
    if (slot == null || phase == Phase.ENDED || slot.standing == Standing.SETTLED) {
      return;
    }
    boolean wasHeld = phase == Phase.STAMPING || phase == Phase.COMMITTING;
    slots.remove(moved.part());
    for (Part piece : moved.pieces()) {
      Slot fresh = add(piece);
      fresh.repeats = slot.repeats;
      if (wasHeld || (phase == Phase.PREWRITING && slot.standing == Standing.HELD)) {
        fresh.standing = Standing.HELD;
      }
      if (phase != Phase.COMMITTING || fresh.part.writes(primary)) {
        ask(fresh);
      }
    }
  }

  /** Repeats what is being done in this phase for one part. */
  private void ask(Slot slot) {
    switch (phase) {
      case PREWRITING -> {
        if (slot.standing == Standing.ASKED) {
          steps.add(new CommitStep.Prewrite(slot.part));
        }
      }
      case COMMITTING -> steps.add(new CommitStep.CommitPrimary(slot.part, revision));
      case FINISHING -> steps.add(new CommitStep.Commit(slot.part, revision));
      case ABORTING -> steps.add(new CommitStep.RollBack(slot.part));
      case STAMPING, ENDED -> {}
    }
  }

  private void onSilent(@Nullable Slot slot, String why) {
    if (slot == null
        || phase == Phase.STAMPING
        || phase == Phase.ENDED
        || (phase != Phase.COMMITTING && slot.standing != Standing.ASKED)
        || (phase == Phase.COMMITTING && !slot.part.writes(primary))) {
      return;
    }
    boolean again = slot.repeats++ < maxRepeats;
    if (phase == Phase.COMMITTING) {
      if (again && !late) {
        ask(slot);
      } else {
        decide(new Unknown(why));
        phase = Phase.ENDED;
      }
    } else if (again) {
      ask(slot);
    } else if (phase == Phase.PREWRITING) {
      abort(new NotDone(why));
    } else {
      settle(slot, Standing.LEFT);
    }
  }
}
