package io.quorate.region.watch;

import io.quorate.model.KeyRange;
import io.quorate.model.RegionError;
import io.quorate.model.Wire;
import io.quorate.proto.Refusal;
import io.quorate.proto.WatchResponse;
import io.quorate.region.command.Mutation;
import io.quorate.region.order.Resolved;
import io.quorate.region.storage.ChangePlace;
import io.quorate.region.storage.RegionStore;
import io.quorate.region.transaction.LockTable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The watchers of one replica: told of what is applied, and of how far the region is resolved. Owned by the region's state
 * machine. Any thread; one lock for all its watchers, which is never held while the disk is read or something is encoded.
 */
/*
 * Nothing is lost between the disk and the queue: a cursor that catches up reads as of an applied index that was noted under the
 * lock, and goes live under the lock only if nothing was applied after that index, or the tail has all of it. Revisions do not
 * decide that: once transactions span regions, what is applied later may have a smaller one.
 *
 * No cursor passes bound(): that is where locks hold watchers back. What lies behind it waits in the queues, in the order of
 * revisions, and unlocked() lets it go. A lock goes from the region's table only after what its transaction wrote was told here. And
 * locks and epoch are those of the shape told of last: a cut takes locks from the region before watchers of both parts hear of it.
 */
public final class WatchHub {
  private final RegionStore store;
  private final WatchLimits limits;
  private final WatchMeters meters;
  private final CatchUp catchUp;
  private final Consumer<String> onBroken;

  private final Object lock = new Object();
  // All below: guarded by it.
  private final RangeIndex<Cursor> index = new RangeIndex<>();
  private final Set<Cursor> cursors = new LinkedHashSet<>();
  private final Set<Cursor> asking = new HashSet<>();
  private final List<Cursor> met = new ArrayList<>();
  private final Tail tail;
  private RegionStore.Shape shape;
  private long appliedIndex;
  private long stamp;
  private int behind;
  private @Nullable Resolved early;
  /** A copy of whether somebody asks, to be read without the lock. */
  private volatile boolean waiting;

  WatchHub(RegionStore store, WatchLimits limits, WatchMeters meters, Consumer<String> onBroken) {
    this.store = store;
    this.limits = limits;
    this.meters = meters;
    this.onBroken = onBroken;
    this.catchUp = new CatchUp(store, limits, meters);
    this.tail = new Tail(limits.tailBytes());
    this.shape = store.shape();
    this.appliedIndex = store.appliedIndex();
    this.stamp = store.lastStamp();
  }

  /** Whether somebody wants to hear how far the region is resolved. */
  public boolean isAsked() {
    return waiting;
  }

  // ------------------------------------------------------------------ what happens to the region

  /**
   * A batch was applied and can be read. Apply thread.
   *
   * @param lastStamp greatest stamp applied
   */
  public void applied(long newIndex, long lastStamp, List<Mutation> mutations) {
    synchronized (lock) {
      shape = store.shape();
      appliedIndex = newIndex;
      stamp = lastStamp;
      if (!cursors.isEmpty()) {
        deliver(mutations);
      }
      Resolved told = early;
      if (told != null && told.lastStamp() <= stamp) {
        early = null;
        tell(told);
      }
    }
  }

  private void deliver(List<Mutation> mutations) {
    List<Event> kept = tail.isKept() ? new ArrayList<>(mutations.size()) : null;
    for (Mutation mutation : mutations) {
      Event event = null;
      if (kept != null) {
        event = Event.of(mutation);
        kept.add(event);
      }
      met.clear();
      index.find(mutation.key(), met::add);
      for (Cursor cursor : met) {
        if (cursor.isLive()
            && cursor.last() == null
            && cursor
                .spec()
                .wants(mutation.version().modRevision(), !mutation.version().isLive())) {
          event = event == null ? Event.of(mutation) : event;
          offer(cursor, event);
        }
      }
    }
    met.clear();
    if (kept != null && !kept.isEmpty()) {
      tail.add(appliedIndex, kept);
    }
  }

  /** Locks have gone or come: who was held back goes on. Apply thread. */
  public void unlocked() {
    synchronized (lock) {
      for (Cursor cursor : cursors) {
        if (cursor.last() == null && cursor.waitsForLocks()) {
          cursor.connection().turn(cursor);
        }
      }
    }
  }

  private void offer(Cursor cursor, Event event) {
    cursor.offer(event);
    if (!cursor.isLive()) {
      meters.overflowed();
      countBehind(1);
    }
    cursor.connection().turn(cursor);
  }

  /** The region's promise. */
  public void resolved(Resolved promise) {
    synchronized (lock) {
      if (promise.lastStamp() > stamp) {
        // Made by what is applied and not yet shown here.
        early = early == null ? promise : early.or(promise);
      } else {
        tell(promise);
      }
    }
  }

  private void tell(Resolved promise) {
    if (asking.isEmpty() || promise.epochVersion() != shape.descriptor().epoch().version()) {
      return;
    }
    asking.removeIf(cursor -> {
      if (!cursor.isLive()) {
        return false;
      }
      cursor.progress(promise.revision());
      cursor.connection().turn(cursor);
      return true;
    });
    // Who is left is behind, and asks again once it is not.
    waiting = false;
  }

  /** The region has another shape: who watches what is not all its own any more goes elsewhere. Apply thread. */
  public void reshaped(RegionError where) {
    synchronized (lock) {
      shape = store.shape();
      KeyRange range = shape.descriptor().range();
      end(cursor -> !range.contains(cursor.spec().range()), moved(where));
    }
  }

  /** It leads no more: who wants the leader goes to it. Or it stops, or goes: then all do. */
  public void end(RegionError where, boolean all) {
    synchronized (lock) {
      end(cursor -> all || !cursor.spec().anyReplica(), moved(where));
    }
  }

  /** A snapshot took the place of what was applied. Apply thread. */
  public void replaced(RegionError where) {
    synchronized (lock) {
      shape = store.shape();
      appliedIndex = store.appliedIndex();
      stamp = store.lastStamp();
      early = null;
      end(cursor -> true, moved(where));
    }
  }

  private void end(Predicate<Cursor> which, WatchResponse.Builder word) {
    for (Cursor cursor : cursors) {
      if (cursor.last() == null && which.test(cursor)) {
        cursor.end(word.setWatchId(cursor.spec().id()).build());
        cursor.connection().turn(cursor);
      }
    }
  }

  private static WatchResponse.Builder moved(RegionError where) {
    return WatchResponse.newBuilder().setMoved(Wire.error(where));
  }

  // ------------------------------------------------------------------ watchers come and go

  /** Takes a watcher in, on the mailbox of the region; false if its range is not the region's any more. */
  boolean open(Cursor cursor) {
    synchronized (lock) {
      if (!store.descriptor().range().contains(cursor.spec().range())) {
        return false;
      }
      cursors.add(cursor);
      index.add(cursor.spec().range(), cursor);
      boolean hasAll = cursor.spec().start() > stamp;
      if (hasAll && cursor.spec().resumed()) {
        cursor.goLive();
      } else {
        // Also where nothing is to be read: it is looked at whether the start is compacted.
        countBehind(1);
      }
      meters.opened();
      cursor.connection().turn(cursor);
      return true;
    }
  }

  /** Ends a watcher by its own wish. */
  void cancel(Cursor cursor) {
    synchronized (lock) {
      cursor.end(WatchResponse.newBuilder()
          .setWatchId(cursor.spec().id())
          .setCancelled(true)
          .build());
      cursor.connection().turn(cursor);
    }
  }

  /** Its connection is gone: no word is needed. */
  void drop(Cursor cursor) {
    synchronized (lock) {
      cursor.end(WatchResponse.getDefaultInstance());
      remove(cursor);
    }
  }

  private void remove(Cursor cursor) {
    if (cursors.remove(cursor)) {
      index.remove(cursor.spec().range(), cursor);
      asking.remove(cursor);
      waiting = waiting && !asking.isEmpty();
      meters.closed();
      if (!cursor.isLive()) {
        countBehind(-1);
      }
    }
  }

  private void countBehind(int change) {
    behind += change;
    meters.behind(change);
    if (behind == 0) {
      tail.forget();
    }
  }

  /** The watcher wants to hear how far its range is resolved. */
  void ask(Cursor cursor) {
    synchronized (lock) {
      if (cursor.last() != null || !cursors.contains(cursor)) {
        return;
      }
      asking.add(cursor);
      if (!cursor.isLive()) {
        return;
      }
      waiting = true;
    }
    cursor.wantResolved();
  }

  /** The last revision that the watcher may be told of: below all that a lock in its range may yet be committed at. */
  private long bound(Cursor cursor) {
    LockTable locks = shape.locks();
    return locks.lowestCommit() == Long.MAX_VALUE
        ? Long.MAX_VALUE
        : locks.lowestCommit(cursor.spec().range()) - 1;
  }

  // ------------------------------------------------------------------ a watcher's turn

  /**
   * Gives the cursor's next piece to the sink. On a thread that may wait for the disk; one call per cursor at a time.
   *
   * @return whether it wants another turn at once
   */
  boolean serve(Cursor cursor, WatchSink sink) {
    CatchUp.Job job;
    List<Event> taken = List.of();
    WatchResponse.Builder out =
        WatchResponse.newBuilder().setWatchId(cursor.spec().id());
    synchronized (lock) {
      WatchResponse last = cursor.last();
      if (last != null) {
        remove(cursor);
        cursor.connection().ended(cursor);
        sink.send(last);
        return false;
      }
      out.setCreated(cursor.tellCreated());
      if (cursor.isLive()) {
        job = null;
        long bound = bound(cursor);
        taken = cursor.take(limits.sliceBytes(), bound);
        head(cursor, out, taken, bound);
      } else {
        job = job(cursor);
      }
    }
    if (job == null) {
      send(cursor, taken, out, sink);
      return wantsTurn(cursor);
    }
    return read(cursor, job, out, sink);
  }

  private boolean wantsTurn(Cursor cursor) {
    synchronized (lock) {
      if (cursor.last() != null) {
        return true;
      }
      long bound = bound(cursor);
      return cursor.isLive()
          ? cursor.hasReady(bound)
          : !cursor.waitsForLocks() || aim(cursor, bound) != CatchUp.Job.Aim.BEHIND_LOCK;
    }
  }

  /** What a cursor that is behind is to read next. */
  private CatchUp.Job.Aim aim(Cursor cursor, long bound) {
    if (bound >= stamp) {
      return CatchUp.Job.Aim.ALL;
    }
    return cursor.place().compareTo(ChangePlace.endOf(bound)) < 0
        ? CatchUp.Job.Aim.UP_TO_LOCK
        : CatchUp.Job.Aim.BEHIND_LOCK;
  }

  private CatchUp.Job job(Cursor cursor) {
    long bound = bound(cursor);
    cursor.beginReading(aim(cursor, bound));
    tail.keepFrom(appliedIndex);
    return new CatchUp.Job(
        cursor.place(),
        cursor.aim() == CatchUp.Job.Aim.UP_TO_LOCK ? Math.min(stamp, bound) : stamp,
        appliedIndex,
        cursor.aim(),
        cursor.harvest());
  }

  private void head(Cursor cursor, WatchResponse.Builder out, List<Event> taken, long bound) {
    if (!cursor.hasReady(bound)) {
      // Everything that may be told was given; if nothing was to give, it is said only if asked
      // for.
      if (!taken.isEmpty() || cursor.hasProgress()) {
        out.setResolved(Math.min(bound, Math.max(stamp, cursor.takeProgress())));
      }
    } else if (cursor.isInsideRevision()) {
      out.setFragment(true);
    } else {
      out.setResolved(cursor.place().revision());
    }
  }

  private boolean read(Cursor cursor, CatchUp.Job job, WatchResponse.Builder out, WatchSink sink) {
    CatchUp.Slice slice = job.next() > job.upTo() && job.harvest() == null
        ? nothing(cursor, job)
        : catchUp.read(cursor.spec(), job, cursor.connection().compacted());
    if (slice.result() == CatchUp.Result.READ) {
      boolean held = job.aim() == CatchUp.Job.Aim.BEHIND_LOCK;
      ChangePlace told = held ? job.after() : slice.reached();
      out.setFragment(!held && slice.fragment());
      if (!out.getFragment()) {
        // Also where nothing was found: it shows that the reading goes on, and how far it is.
        out.setResolved(told.revision());
      }
      send(cursor, held ? List.of() : slice.events(), out, sink);
    }
    synchronized (lock) {
      if (slice.result() == CatchUp.Result.COMPACTED) {
        cursor.end(compacted(cursor));
      } else if (slice.result() == CatchUp.Result.GONE) {
        cursor.end(moved(
                new RegionError.Unavailable("the replica's data went or came while they were read"))
            .setWatchId(cursor.spec().id())
            .build());
      } else if (cursor.last() == null) {
        settle(cursor, job.aim(), slice);
      }
    }
    return wantsTurn(cursor);
  }

  /** Of one that starts after all there is. */
  private CatchUp.Slice nothing(Cursor cursor, CatchUp.Job job) {
    long least = least(cursor);
    return !cursor.spec().resumed() && job.next() < least
        ? CatchUp.Slice.failed(CatchUp.Result.COMPACTED, job)
        : new CatchUp.Slice(
            CatchUp.Result.READ, List.of(), job.after(), true, false, job.index(), null);
  }

  private void settle(Cursor cursor, CatchUp.Job.Aim aim, CatchUp.Slice slice) {
    boolean held = aim == CatchUp.Job.Aim.BEHIND_LOCK;
    if (!held) {
      cursor.reached(slice.reached(), slice.left());
    }
    boolean nothingSince = appliedIndex == slice.index();
    boolean has = nothingSince || tail.covers(slice.index());
    if (slice.whole() && has && aim != CatchUp.Job.Aim.UP_TO_LOCK) {
      goLive(cursor, held ? slice.events() : List.of(), nothingSince, slice.index());
    }
    if (held && (!slice.whole() || !cursor.isLive())) {
      // It does not fit: read again once the lock is gone.
      cursor.holdBack();
    }
  }

  private void goLive(Cursor cursor, List<Event> held, boolean nothingSince, long index) {
    cursor.goLive();
    held.forEach(event -> offerLive(cursor, event));
    if (!nothingSince) {
      tail.after(index, event -> {
        if (cursor.spec().range().contains(event.key())
            && cursor.spec().wants(event.revision(), event.delete())) {
          offerLive(cursor, event);
        }
      });
    }
    countBehind(-1);
    if (asking.contains(cursor)) {
      waiting = true;
      cursor.wantResolved();
    }
  }

  private void offerLive(Cursor cursor, Event event) {
    if (cursor.isLive()) {
      offer(cursor, event);
    }
  }

  /** The first revision that can still be told. */
  private long least(Cursor cursor) {
    return Math.max(cursor.connection().compacted(), store.floor());
  }

  private WatchResponse compacted(Cursor cursor) {
    long least = least(cursor);
    io.quorate.region.command.Refusal why = io.quorate.region.command.Refusal.compacted(least);
    return WatchResponse.newBuilder()
        .setWatchId(cursor.spec().id())
        .setRefused(
            Refusal.newBuilder().setCode(why.code()).setMessage(why.message()).setCompacted(least))
        .build();
  }

  private void send(Cursor cursor, List<Event> events, WatchResponse.Builder out, WatchSink sink) {
    if (events.isEmpty() && !out.getCreated() && out.getResolved() == 0) {
      return;
    }
    boolean previous = cursor.spec().previous();
    for (Event event : events) {
      out.addEvents(previous ? event.bytesWithPrevious(store::at, store::floor) : event.bytes());
    }
    meters.delivered(events.size());
    sink.send(out.build());
  }

  /** A turn failed. What the storage cannot read is not guessed: the replica stops. Anything else is the watch's end alone. */
  void broken(Cursor cursor, RuntimeException problem) {
    if (problem instanceof IllegalStateException) {
      onBroken.accept("a watch could not be read: " + problem);
    }
    synchronized (lock) {
      cursor.end(moved(new RegionError.Unavailable("the watch could not be read: " + problem))
          .setWatchId(cursor.spec().id())
          .build());
      cursor.connection().turn(cursor);
    }
  }
}
