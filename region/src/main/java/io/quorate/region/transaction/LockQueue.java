package io.quorate.region.transaction;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * Who waits for locks to go: of those that want the same keys the oldest is served first, and the next only once the first has locked
 * and released them, or written them, or let its turn pass. A hint and no lock: nobody who has not waited is kept away. Owned by the region's leader; one
 * thread. Pure: it is told the time.
 *
 * @param <W> what is done for who is served
 */
/*
 * Without it everybody who waits for a hot key comes back at once when it is released, and all but one in vain, each at the price of
 * entries in the log; or, spread by growing pauses, comes back long after.
 */
public final class LockQueue<W> {
  /** Who would wait beyond that is served at once. */
  public static final int MAX_WAITING = 4096;

  /**
   * Somebody who waits.
   *
   * @param range of keys
   * @param self whose own locks do not matter
   * @param writes whether read locks are in its way, too
   * @param since when its transaction first began, a revision: the smallest goes first
   * @param turn whether it will lock the keys, and nobody else is served meanwhile
   * @param until when it waits no longer, nanoseconds
   */
  public record Waiter<W>(
      KeyRange range, TxnId self, boolean writes, long since, boolean turn, long until, W what) {
    boolean isBlocked(LockView locks) {
      return !locks.isEmpty()
          && (locks.writes(range, 2).stream().anyMatch(lock -> !lock.txn().equals(self))
              || (writes
                  && locks.reads(range).stream().anyMatch(lock -> !lock.txn().equals(self))));
    }
  }

  private record Turn(KeyRange range, long until) {}

  private final long turnNanos;
  private final List<Waiter<W>> waiting = new ArrayList<>();
  private final List<Turn> turns = new ArrayList<>();

  /**
   * An empty one.
   *
   * @param turnNanos for how long who was served keeps the others waiting, unless it has locked or written the keys
   */
  public LockQueue(long turnNanos) {
    this.turnNanos = turnNanos;
  }

  /** Whether nobody waits, and nobody has a turn. */
  public boolean isIdle() {
    return waiting.isEmpty() && turns.isEmpty();
  }

  public int size() {
    return waiting.size();
  }

  /** Takes somebody in, to be served by {@link #due}. */
  public void add(Waiter<W> one) {
    int at = waiting.size();
    while (at > 0 && waiting.get(at - 1).since() > one.since()) {
      at--;
    }
    waiting.add(at, one);
  }

  /** Whoever has written keys, with no lock, has had its turn, too. */
  public void written(List<Bytes> keys) {
    turns.removeIf(turn -> keys.stream().anyMatch(turn.range()::contains));
  }

  /** Whose turn it is now, or who has waited for long enough; they are not waiting any more. */
  public List<W> due(LockView locks, long now) {
    // Who has locked the keys has had its turn.
    turns.removeIf(
        turn -> now - turn.until() >= 0 || !locks.writes(turn.range(), 1).isEmpty());
    List<W> due = new ArrayList<>();
    int surplus = waiting.size() - MAX_WAITING;
    Iterator<Waiter<W>> all = waiting.iterator();
    while (all.hasNext()) {
      Waiter<W> one = all.next();
      if (now - one.until() >= 0 || surplus-- > 0) {
        all.remove();
        due.add(one.what());
      } else if (!one.isBlocked(locks) && !(one.turn() && isTaken(one.range()))) {
        all.remove();
        due.add(one.what());
        if (one.turn()) {
          turns.add(new Turn(one.range(), now + turnNanos));
        }
      }
    }
    return due;
  }

  private boolean isTaken(KeyRange range) {
    return turns.stream().anyMatch(turn -> turn.range().overlaps(range));
  }

  /** All of them; nobody waits any more. */
  public List<W> takeAll() {
    List<W> all = waiting.stream().map(Waiter::what).toList();
    waiting.clear();
    turns.clear();
    return all;
  }
}
