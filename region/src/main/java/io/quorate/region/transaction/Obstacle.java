package io.quorate.region.transaction;

import io.quorate.model.Bytes;
import java.util.List;

/** What a refused command or read met: beside the refusal's code, for who wants to get past it. */
public sealed interface Obstacle {
  /** Nothing of transactions. */
  Obstacle NONE = new None();

  /** Nothing of transactions. */
  record None() implements Obstacle {}

  /** Locks, not all of them if they are many. */
  record Locks(List<Lock> locks) implements Obstacle {
    public Locks {
      locks = List.copyOf(locks);
    }
  }

  /** A key was written after the transaction's start. */
  record Conflict(Bytes key, long revision) implements Obstacle {}

  /** Somebody has read up to one below this. */
  record TooLow(long minCommit) implements Obstacle {}

  /** It was committed at this revision. */
  record Committed(long revision) implements Obstacle {}
}
