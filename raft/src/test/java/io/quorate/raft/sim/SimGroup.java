package io.quorate.raft.sim;

import io.quorate.model.Bytes;
import io.quorate.raft.GroupSeed;
import io.quorate.raft.LogEntry;
import io.quorate.raft.ReplicaId;
import io.quorate.raft.StateMachine;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A group whose replicas agree by decree: one committed log that everybody sees, one true leader at a time, deposed leaders that
 * do not know it yet. What Raft promises holds by construction; what it does not promise goes wrong as often as {@link SimFaults}
 * says. Members are fixed. Single-threaded, on its scheduler.
 *
 * @param <R> what the state machines answer for an entry
 */
public final class SimGroup<R> {
  /** Delays that may pass before a replica hears of a new leader: as long as a paused process sleeps. */
  private static final int UNAWARE = 60;

  private final SimScheduler scheduler;
  private final GroupSeed seed;
  private final SimFaults faults;
  private final Map<ReplicaId, SimLog<R>> running = new LinkedHashMap<>();
  private final List<LogEntry> committed = new ArrayList<>();
  /** In the leader's log and on its way to a majority, in log order: its successor may or may not have the first few of them. */
  private final Deque<Bytes> uncertain = new ArrayDeque<>();

  private long lastIndex;
  private long term;
  private @Nullable ReplicaId leader;

  public SimGroup(SimScheduler scheduler, GroupSeed seed, SimFaults faults) {
    this.scheduler = scheduler;
    this.seed = seed;
    this.faults = faults;
    this.lastIndex = seed.index();
    this.term = seed.term();
  }

  /** Starts or restarts a replica; it replays what its machine has not applied. */
  public SimLog<R> start(ReplicaId self, StateMachine<R> machine) {
    if (!seed.membership().voters().contains(self)) {
      throw new IllegalArgumentException(self + " is no member");
    }
    stop(self);
    SimLog<R> log = new SimLog<>(this, self, machine);
    running.put(self, log);
    log.committedUpTo(lastIndex);
    if (leader != null) {
      log.follow(term, leader);
    }
    return log;
  }

  /** Ends a replica as a crash does: nothing of it runs any more, no future of it completes. */
  public void stop(ReplicaId replica) {
    SimLog<R> log = running.remove(replica);
    if (log != null) {
      log.crash();
    }
    if (replica.equals(leader)) {
      leader = null;
    }
  }

  /**
   * Makes a running replica the leader of a new term. Whoever led before learns of it after a random while, and until then takes
   * proposals that may be lost or carried over.
   */
  public void elect(ReplicaId replica) {
    SimLog<R> elected = running.get(replica);
    if (elected == null) {
      throw new IllegalArgumentException(replica + " does not run");
    }
    term++;
    leader = replica;
    // An entry of unknown fate is committed by the next leader, with all before it, or never: its
    // successor's no-op takes its place in the log (Raft 5.4.2).
    while (!uncertain.isEmpty() && scheduler.chance(0.5)) {
      commit(uncertain.removeFirst());
    }
    uncertain.clear();
    long now = term;
    // The new leader's own no-op.
    lastIndex++;
    announce();
    for (SimLog<R> log : running.values()) {
      if (log == elected) {
        log.lead(now, lastIndex);
      } else {
        if (scheduler.chance(0.5)) {
          log.deafen();
        }
        scheduler.after(delay() * scheduler.pick(1, UNAWARE), () -> log.follow(now, replica));
      }
    }
  }

  /** Elects a random running replica, if any runs. */
  public void electAny() {
    List<ReplicaId> candidates = new ArrayList<>(running.keySet());
    if (!candidates.isEmpty()) {
      elect(candidates.get(scheduler.random().nextInt(candidates.size())));
    }
  }

  /** The true leader. */
  public Optional<ReplicaId> leader() {
    return Optional.ofNullable(leader);
  }

  /** The replica's log, if it runs. */
  public Optional<SimLog<R>> log(ReplicaId replica) {
    return Optional.ofNullable(running.get(replica));
  }

  /** All entries committed so far, no-ops left out. */
  public List<LogEntry> committed() {
    return Collections.unmodifiableList(committed);
  }

  public GroupSeed seed() {
    return seed;
  }

  SimScheduler scheduler() {
    return scheduler;
  }

  SimFaults faults() {
    return faults;
  }

  long delay() {
    return scheduler.pick(faults.minDelayNanos(), faults.maxDelayNanos());
  }

  boolean leads(ReplicaId replica, long inTerm) {
    return replica.equals(leader) && term == inTerm;
  }

  long lastIndex() {
    return lastIndex;
  }

  /** A proposal is in the true leader's log. */
  void append(Bytes data) {
    uncertain.addLast(data);
  }

  /** The next proposal has reached a majority, or was dropped on the way. */
  Bytes takeNext() {
    return uncertain.removeFirst();
  }

  /** A proposal that reached a majority before its leader was deposed. */
  long commit(Bytes data) {
    lastIndex++;
    committed.add(new LogEntry(lastIndex, term, data));
    announce();
    return lastIndex;
  }

  private void announce() {
    long index = lastIndex;
    for (SimLog<R> log : running.values()) {
      scheduler.after(delay(), () -> log.committedUpTo(index));
    }
  }

  /** Committed entries above the index, up to another, at most so many. */
  List<LogEntry> entries(long above, long upTo, int most) {
    List<LogEntry> found = new ArrayList<>();
    int at = Collections.binarySearch(
        committed,
        new LogEntry(above + 1, 0, Bytes.EMPTY),
        (left, right) -> Long.compare(left.index(), right.index()));
    for (int i = at < 0 ? -at - 1 : at; i < committed.size() && found.size() < most; i++) {
      if (committed.get(i).index() > upTo) {
        break;
      }
      found.add(committed.get(i));
    }
    return found;
  }
}
