package io.quorate.region.watch;

import io.quorate.proto.WatchResponse;
import io.quorate.region.storage.ChangePlace;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * How far one watcher is. Behind, it reads from the disk; live, what is applied is put into its queue; where the queue gets too
 * long, it is dropped, and the cursor is behind again. Guarded by the lock of its hub, but for what is said to be for any thread.
 */
final class Cursor {
  /** Where its next events come from. */
  enum State {
    /** The disk, at its next turn. */
    LAGGING,
    /** The disk: a piece is being read. */
    CATCHING_UP,
    /** The queue. */
    LIVE
  }

  private final WatchSpec spec;
  private final WatchConnection connection;
  private final long maxBytes;
  private final Allowance allowance;
  /** Whether it waits for its turn on the connection; any thread. */
  final AtomicBoolean queuedForTurn = new AtomicBoolean();

  private volatile @Nullable WatchHub hub;
  private volatile Runnable wantResolved = () -> {};

  private State state = State.LAGGING;
  /** All changes up to here have been given away, or are not wanted. */
  private ChangePlace place;

  private final ArrayDeque<Event> queue = new ArrayDeque<>();
  private long queuedBytes;
  private boolean createdTold;
  private boolean tooMuchHeld;
  /** How far the reading goes; as long as a sweep lasts, how far that does. */
  private CatchUp.Job.Aim aim = CatchUp.Job.Aim.ALL;

  private long progress;
  private @Nullable Harvest harvest;
  private @Nullable WatchResponse last;

  Cursor(WatchSpec spec, WatchConnection connection, long maxBytes, Allowance allowance) {
    this.spec = spec;
    this.connection = connection;
    this.maxBytes = maxBytes;
    this.allowance = allowance;
    this.place = ChangePlace.endOf(spec.start() - 1);
  }

  WatchSpec spec() {
    return spec;
  }

  WatchConnection connection() {
    return connection;
  }

  /** The hub it was opened at; null before. Any thread. */
  @Nullable
  WatchHub hub() {
    return hub;
  }

  void attach(WatchHub opened, Runnable newWantResolved) {
    wantResolved = newWantResolved;
    hub = opened;
  }

  /** Asks for the region's promise to advance; any thread. */
  void wantResolved() {
    wantResolved.run();
  }

  State state() {
    return state;
  }

  boolean isLive() {
    return state == State.LIVE;
  }

  ChangePlace place() {
    return place;
  }

  long queuedBytes() {
    return queuedBytes;
  }

  /** From here on all that is applied comes by the queue. */
  void goLive() {
    state = State.LIVE;
    harvest = null;
  }

  /** A piece of the disk is to be read from {@link #place} on. */
  void beginReading(CatchUp.Job.Aim newAim) {
    state = State.CATCHING_UP;
    tooMuchHeld = false;
    if (harvest == null) {
      aim = newAim;
    }
  }

  CatchUp.Job.Aim aim() {
    return aim;
  }

  /** A piece was read. */
  void reached(ChangePlace read, @Nullable Harvest left) {
    place = read;
    harvest = left;
  }

  @Nullable
  Harvest harvest() {
    return harvest;
  }

  /** Takes an event that was applied; if there is no room, the queue goes and the cursor is behind. */
  void offer(Event event) {
    int weight = event.weight();
    if (queuedBytes + weight > maxBytes || !allowance.take(weight)) {
      lag();
      return;
    }
    if (insert(event)) {
      queuedBytes += weight;
    } else {
      allowance.give(weight);
    }
  }

  /**
   * What a transaction over several regions wrote may come after what has a greater revision, and is to be told before it. And it may
   * come twice, where it was applied while what lies behind its lock was read.
   */
  private boolean insert(Event event) {
    ArrayDeque<Event> later = new ArrayDeque<>(0);
    while (!queue.isEmpty() && queue.getLast().place().compareTo(event.place()) > 0) {
      later.push(queue.removeLast());
    }
    boolean isNew = queue.isEmpty() || !queue.getLast().place().equals(event.place());
    if (isNew) {
      queue.add(event);
    }
    queue.addAll(later);
    return isNew;
  }

  /** Drops the queue: what was in it will be read again. */
  void lag() {
    state = State.LAGGING;
    dropQueue();
  }

  private void dropQueue() {
    queue.clear();
    allowance.give(queuedBytes);
    queuedBytes = 0;
  }

  /** The next events of the queue up to the revision, about so many bytes of them, and at least one if there is one. */
  List<Event> take(int bytes, long bound) {
    List<Event> taken = new ArrayList<>();
    int sum = 0;
    while (sum < bytes && hasReady(bound)) {
      Event event = queue.remove();
      taken.add(event);
      sum += event.weight();
      place = event.place();
    }
    queuedBytes -= sum;
    allowance.give(sum);
    return taken;
  }

  /** Whether anything is queued up to the revision. */
  boolean hasReady(long bound) {
    Event next = queue.peek();
    return next != null && next.revision() <= bound;
  }

  /** Whether something is to be told as soon as a lock is gone: queued, or not read yet. */
  boolean waitsForLocks() {
    return !queue.isEmpty() || (tooMuchHeld && state != State.LIVE);
  }

  /** More lies behind a lock than fits the queue: it is read once the lock is gone. */
  void holdBack() {
    tooMuchHeld = true;
  }

  /** Whether the queue goes on in the middle of the revision that was taken last. */
  boolean isInsideRevision() {
    Event next = queue.peek();
    return next != null && next.revision() == place.revision();
  }

  /** Whether it is to be told that it was made: once. */
  boolean tellCreated() {
    boolean told = createdTold;
    createdTold = true;
    return !told;
  }

  boolean createdTold() {
    return createdTold;
  }

  /** It asked how far its range is resolved, and this is the answer. */
  void progress(long resolved) {
    progress = Math.max(progress, resolved);
  }

  boolean hasProgress() {
    return progress != 0;
  }

  long takeProgress() {
    long told = progress;
    progress = 0;
    return told;
  }

  /** It ends with this word; a later one changes nothing. */
  void end(WatchResponse word) {
    if (last == null) {
      last = word;
      harvest = null;
      dropQueue();
    }
  }

  /** The word it ends with; null while it goes on. */
  @Nullable
  WatchResponse last() {
    return last;
  }
}
