package io.quorate.region.lease;

import io.quorate.model.KeyRange;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * When leases end: the deadlines of those whose home this leader is. Decides by what it is told, of which time is a part;
 * never early, and late only by what a change of leaders adds. Pure; one user. Times are nanoseconds of one monotonic clock.
 *
 * <p>An expired lease never comes back: its end may be in the log already, so that a keep-alive must not be answered any more.
 * A lease whose time left may be noted in the log is renewed only once the note is taken back, since a next leader would go by it.
 */
public final class LeaseBook {
  private static final long MILLIS = 1_000_000;
  private static final long NEVER = Long.MAX_VALUE;

  /** What became of a keep-alive. */
  public enum Renewal {
    RENEWED,
    /** There is no such lease, or it is being revoked. */
    GONE,
    /** Not now; a note must be taken back first, which the asker is to propose. */
    TAKE_BACK_NOTE,
    /** Not now; what is under way decides. */
    LATER
  }

  /** What is to be proposed now. */
  public record Step(List<LeaseHome> expired, List<HomeCommand.Checkpoint.Note> notes) {}

  private enum State {
    LIVE,
    EXPIRED,
    REVOKING
  }

  private static final class Entry {
    LeaseHome lease;
    State state;
    long deadline;
    long noteAt = NEVER;
    /** Whether a note of the time left may be in the log. */
    boolean noted;
    /** Whether the fate of a proposal about the note is not known yet. */
    boolean noting;
    /** Whether its end is proposed. */
    boolean proposed;

    long retryAt;
    boolean forgotten;

    Entry(LeaseHome lease, State state) {
      this.lease = lease;
      this.state = state;
    }

    long next() {
      return switch (state) {
        case LIVE -> Math.min(deadline, noteAt);
        case EXPIRED -> proposed ? NEVER : retryAt;
        case REVOKING -> NEVER;
      };
    }
  }

  private record Timer(long at, Entry entry) {}

  private final LeaseConfig config;
  private final long origin;
  private final Map<Long, Entry> leases = new HashMap<>();
  /** One for each lease that time matters to; a lease may have got more time since. */
  private final PriorityQueue<Timer> timers =
      new PriorityQueue<>(Comparator.comparingLong(Timer::at));

  public LeaseBook(LeaseConfig config, long now) {
    this.config = config;
    this.origin = now;
  }

  private long floor(long now) {
    return (now - origin) / MILLIS;
  }

  private long ceil(long now) {
    return (now - origin + MILLIS - 1) / MILLIS;
  }

  /** A lease that another leader looked after, or nobody knows who: it gets what was noted or all of its time, and grace. */
  public void inherit(LeaseHome lease, long now) {
    if (!leases.containsKey(lease.id())) {
      add(lease, now, config.grace().toMillis());
    }
  }

  /** The state of a lease has changed in the log, or it was granted. */
  public void learn(LeaseHome lease, long now) {
    Entry known = leases.get(lease.id());
    if (known == null || known.lease.grantRevision() != lease.grantRevision()) {
      forget(lease.id());
      add(lease, now, 0);
      return;
    }
    known.lease = lease;
    known.noted |= lease.remaining() > 0;
    if (lease.revoking()) {
      known.state = State.REVOKING;
    }
  }

  private void add(LeaseHome lease, long now, long grace) {
    Entry entry = new Entry(lease, lease.revoking() ? State.REVOKING : State.LIVE);
    long seconds = lease.remaining() > 0 ? lease.remaining() : lease.ttl();
    entry.deadline = ceil(now) + 1000 * seconds + grace;
    entry.noted = lease.remaining() > 0;
    entry.noteAt = nextNote(lease, ceil(now));
    leases.put(lease.id(), entry);
    schedule(entry);
  }

  private long nextNote(LeaseHome lease, long now) {
    long every = config.checkpointEvery().toMillis();
    return 1000 * lease.ttl() > every ? now + every : NEVER;
  }

  private void schedule(Entry entry) {
    if (entry.next() != NEVER) {
      timers.add(new Timer(entry.next(), entry));
    }
  }

  /** The lease is gone. */
  public void forget(long id) {
    Entry entry = leases.remove(id);
    if (entry != null) {
      entry.forgotten = true;
    }
  }

  /** Forgets the leases of which another region is the home now. */
  public void retain(KeyRange range) {
    for (Long id : List.copyOf(leases.keySet())) {
      if (!range.contains(LeaseHome.key(id))) {
        forget(id);
      }
    }
  }

  /** A keep-alive that came before now, from a client that this leader may answer. */
  public Renewal renew(long id, long now) {
    Entry entry = leases.get(id);
    if (entry == null || entry.state == State.REVOKING) {
      return Renewal.GONE;
    }
    if (entry.state == State.EXPIRED || entry.noting) {
      return Renewal.LATER;
    }
    if (entry.noted) {
      entry.noting = true;
      return Renewal.TAKE_BACK_NOTE;
    }
    // What has run out stays so, though nobody has looked yet.
    if (entry.deadline <= floor(now)) {
      return Renewal.LATER;
    }
    entry.deadline = ceil(now) + 1000 * entry.lease.ttl();
    entry.noteAt = nextNote(entry.lease, ceil(now));
    return Renewal.RENEWED;
  }

  /** The note of the lease was taken back, or, if not done, may stand. */
  public void noteTakenBack(long id, long grantRevision, boolean done) {
    Entry entry = find(id, grantRevision);
    if (entry != null) {
      entry.noting = false;
      entry.noted = !done;
    }
  }

  /** The fate of a proposed note is known: it stands, or it certainly does not. */
  public void noteEnded(long id, long grantRevision, boolean mayStand) {
    Entry entry = find(id, grantRevision);
    if (entry != null) {
      entry.noting = false;
      entry.noted |= mayStand;
    }
  }

  /** The end of an expired lease was proposed, and is not in the log or not known to be: it is to be proposed again. */
  public void notEnded(long id, long grantRevision, long now) {
    Entry entry = find(id, grantRevision);
    if (entry != null && entry.state == State.EXPIRED) {
      entry.proposed = false;
      entry.retryAt = ceil(now) + config.retryAfter().toMillis();
      schedule(entry);
    }
  }

  private @Nullable Entry find(long id, long grantRevision) {
    Entry entry = leases.get(id);
    return entry != null && entry.lease.grantRevision() == grantRevision ? entry : null;
  }

  /** When a step will find something to look at; never, if that is far away. */
  public OptionalLong nextAt() {
    Timer first = timers.peek();
    return first == null || first.at() > Long.MAX_VALUE / MILLIS / 4
        ? OptionalLong.empty()
        : OptionalLong.of(origin + first.at() * MILLIS);
  }

  /**
   * What has come due.
   *
   * @param allowed leases that may end now; the others stay due
   */
  public Step step(long now, int allowed) {
    long time = floor(now);
    List<LeaseHome> expired = new ArrayList<>();
    List<HomeCommand.Checkpoint.Note> notes = new ArrayList<>();
    while (!timers.isEmpty() && timers.element().at() <= time) {
      Entry entry = timers.element().entry();
      boolean ends = !entry.forgotten
          && (entry.state == State.EXPIRED
              ? !entry.proposed && entry.retryAt <= time
              : entry.state == State.LIVE && entry.deadline <= time);
      if ((ends && expired.size() >= allowed) || (!ends && notes.size() >= config.maxNotes())) {
        break;
      }
      timers.remove();
      if (entry.forgotten) {
        continue;
      }
      if (ends) {
        entry.state = State.EXPIRED;
        entry.proposed = true;
        expired.add(entry.lease);
        continue;
      }
      if (entry.state == State.LIVE && entry.noteAt <= time) {
        if (!entry.noting) {
          entry.noting = true;
          notes.add(new HomeCommand.Checkpoint.Note(
              entry.lease.id(), entry.lease.grantRevision(), left(entry, time)));
        }
        entry.noteAt = nextNote(entry.lease, time);
      }
      schedule(entry);
    }
    return new Step(expired, notes);
  }

  /** Seconds to note: rounded up, but never more than the lease's own time, or each leader would add its grace to the last's. */
  private static long left(Entry entry, long time) {
    long seconds = Math.max(1, (entry.deadline - time + 999) / 1000);
    return Math.min(seconds, entry.lease.ttl());
  }

  /** Whole seconds that the lease has left, at least; -1 if there is no such lease or it has ended. */
  public long secondsLeft(long id, long now) {
    Entry entry = leases.get(id);
    if (entry == null || entry.state == State.REVOKING) {
      return -1;
    }
    return Math.max(0, (entry.deadline - ceil(now)) / 1000);
  }

  /** The lease as it is in the log, if its home is here. */
  public @Nullable LeaseHome lease(long id) {
    Entry entry = leases.get(id);
    return entry == null ? null : entry.lease;
  }

  public int size() {
    return leases.size();
  }
}
