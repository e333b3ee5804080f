package io.quorate.raft.host;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/** Who waits for an index to be applied; one per group, any thread. */
final class AppliedWait {
  private final ReentrantLock lock = new ReentrantLock();
  private final TreeMap<Long, List<Consumer<Boolean>>> waiting = new TreeMap<>();
  private volatile boolean empty = true;
  private volatile long applied;
  private boolean ended;

  long applied() {
    return applied;
  }

  /** Tells the waiter true once the index is applied, at once if it is; false if the group ends before. */
  void await(long index, Consumer<Boolean> waiter) {
    boolean now;
    lock.lock();
    try {
      now = ended || applied >= index;
      if (!now) {
        waiting.computeIfAbsent(index, at -> new ArrayList<>(2)).add(waiter);
        empty = false;
        // Applied is advanced without the lock: whoever advanced it just now may have missed this
        // one.
        now = applied >= index && remove(index, waiter);
      }
    } finally {
      lock.unlock();
    }
    if (now) {
      waiter.accept(applied >= index);
    }
  }

  /** Called by the apply stage alone. */
  void advance(long index) {
    if (index <= applied) {
      return;
    }
    applied = index;
    if (!empty) {
      release(index).forEach(waiter -> waiter.accept(true));
    }
  }

  /** No index will be applied any more. */
  void end() {
    lock.lock();
    try {
      ended = true;
    } finally {
      lock.unlock();
    }
    release(Long.MAX_VALUE).forEach(waiter -> waiter.accept(false));
  }

  private List<Consumer<Boolean>> release(long index) {
    List<Consumer<Boolean>> released = new ArrayList<>();
    lock.lock();
    try {
      var due = waiting.headMap(index, true);
      due.values().forEach(released::addAll);
      due.clear();
      empty = waiting.isEmpty();
    } finally {
      lock.unlock();
    }
    return released;
  }

  private boolean remove(long index, Consumer<Boolean> waiter) {
    List<Consumer<Boolean>> at = waiting.get(index);
    if (at == null || !at.remove(waiter)) {
      return false;
    }
    if (at.isEmpty()) {
      waiting.remove(index);
      empty = waiting.isEmpty();
    }
    return true;
  }
}
