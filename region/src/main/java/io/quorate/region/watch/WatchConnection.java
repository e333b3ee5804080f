package io.quorate.region.watch;

import io.quorate.model.RegionError;
import io.quorate.model.RegionId;
import io.quorate.model.Wire;
import io.quorate.proto.Refusal;
import io.quorate.proto.RefusalCode;
import io.quorate.proto.WatchResponse;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The watches of one client's stream: gives them turns, as long as the stream has room. Owned by the transport's side, which
 * closes it. Any thread; what leaves, leaves on the watch threads, one at a time.
 */
public final class WatchConnection {
  private static final Logger log = LoggerFactory.getLogger(WatchConnection.class);
  /** Turns after which another connection may have the thread. */
  private static final int TURNS = 32;

  private final WatchLimits limits;
  private final WatchSink sink;
  private final Executor threads;
  private final LongSupplier compacted;
  private final Consumer<WatchTicket> door;
  private final Allowance allowance;
  private final Map<Long, Cursor> cursors = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<Cursor> turns = new ConcurrentLinkedQueue<>();
  /** Last words of watches that no region knows. */
  private final ConcurrentLinkedQueue<WatchResponse> words = new ConcurrentLinkedQueue<>();

  private final AtomicInteger wakes = new AtomicInteger();
  private volatile boolean closed;

  WatchConnection(
      WatchLimits limits,
      Allowance store,
      WatchSink sink,
      Executor threads,
      LongSupplier compacted,
      Consumer<WatchTicket> door) {
    this.limits = limits;
    this.sink = sink;
    this.threads = threads;
    this.compacted = compacted;
    this.door = door;
    this.allowance = new Allowance(limits.connectionBytes(), store);
  }

  // ------------------------------------------------------------------ from the client

  /**
   * Begins a watch. Its first word is "created", or its last one.
   *
   * @param epochVersion shape of the region that the client believes in
   */
  public void create(WatchSpec spec, RegionId region, long epochVersion) {
    Cursor cursor = new Cursor(spec, this, limits.watcherBytes(), allowance);
    if (spec.id() == 0 || spec.range().isEmpty() || spec.start() < 1) {
      say(refused(spec.id(), "a watch needs an id, a range that is not empty and a start above 0"));
    } else if (cursors.size() >= limits.watches()) {
      say(WatchResponse.newBuilder()
          .setWatchId(spec.id())
          .setMoved(Wire.error(new RegionError.ServerBusy(
              1000, "this connection has " + limits.watches() + " watches already")))
          .build());
    } else if (cursors.putIfAbsent(spec.id(), cursor) != null) {
      say(refused(spec.id(), "watch " + spec.id() + " exists on this stream"));
    } else {
      door.accept(new WatchTicket(this, cursor, region, epochVersion));
    }
  }

  /** A watch does not begin, for reasons that are not the regions'. */
  public void refuse(long id, RefusalCode code, String why) {
    say(refused(id, code, why));
  }

  private static WatchResponse refused(long id, String why) {
    return refused(id, RefusalCode.INVALID_ARGUMENT, why);
  }

  private static WatchResponse refused(long id, RefusalCode code, String why) {
    return WatchResponse.newBuilder()
        .setWatchId(id)
        .setRefused(Refusal.newBuilder().setCode(code).setMessage(why))
        .build();
  }

  /** Ends a watch; one that is not there any more has had its last word. */
  public void cancel(long id) {
    Cursor cursor = cursors.get(id);
    if (cursor == null) {
      return;
    }
    WatchHub hub = cursor.hub();
    if (hub == null) {
      // Still at the door: who comes in then finds itself cancelled.
      if (cursors.remove(id, cursor)) {
        say(WatchResponse.newBuilder().setWatchId(id).setCancelled(true).build());
      }
    } else {
      hub.cancel(cursor);
    }
  }

  /** A watch wants to hear how far it is resolved. */
  public void progress(long id) {
    Cursor cursor = cursors.get(id);
    WatchHub hub = cursor == null ? null : cursor.hub();
    if (cursor != null && hub != null) {
      hub.ask(cursor);
    }
  }

  /** The stream is gone. */
  public void close() {
    closed = true;
    for (Cursor cursor : cursors.values()) {
      leave(cursor);
    }
  }

  private void leave(Cursor cursor) {
    cursors.remove(cursor.spec().id(), cursor);
    WatchHub hub = cursor.hub();
    if (hub != null) {
      hub.drop(cursor);
    }
  }

  public int watches() {
    return cursors.size();
  }

  // ------------------------------------------------------------------ from the regions

  long compacted() {
    return compacted.getAsLong();
  }

  void entered(Cursor cursor) {
    // The stream may have gone, or the client cancelled, while it waited at the door.
    if (closed || cursors.get(cursor.spec().id()) != cursor) {
      leave(cursor);
    }
  }

  void turnedAway(Cursor cursor, RegionError error) {
    if (cursors.remove(cursor.spec().id(), cursor)) {
      say(WatchResponse.newBuilder()
          .setWatchId(cursor.spec().id())
          .setMoved(Wire.error(error))
          .build());
    }
  }

  void ended(Cursor cursor) {
    cursors.remove(cursor.spec().id(), cursor);
  }

  /** The cursor has something to give. */
  void turn(Cursor cursor) {
    if (cursor.queuedForTurn.compareAndSet(false, true)) {
      turns.add(cursor);
      wake();
    }
  }

  private void say(WatchResponse word) {
    words.add(word);
    wake();
  }

  // ------------------------------------------------------------------ giving turns

  /** There is something to give, or room again. */
  public void wake() {
    if (wakes.getAndIncrement() == 0) {
      runAgain();
    }
  }

  private void runAgain() {
    try {
      threads.execute(this::giveTurns);
    } catch (RejectedExecutionException e) {
      log.debug("no turns are given any more: the store stops");
    }
  }

  private void giveTurns() {
    int seen = wakes.get();
    int given = 0;
    while (!closed && given < TURNS && sink.ready()) {
      WatchResponse word = words.poll();
      Cursor cursor = word == null ? turns.poll() : null;
      if (word != null) {
        sink.send(word);
      } else if (cursor != null) {
        cursor.queuedForTurn.set(false);
        serve(cursor);
      } else {
        break;
      }
      given++;
    }
    sink.flush();
    if (given == TURNS || wakes.addAndGet(-seen) != 0) {
      runAgain();
    }
  }

  private void serve(Cursor cursor) {
    WatchHub hub = cursor.hub();
    if (hub == null) {
      return;
    }
    try {
      if (hub.serve(cursor, sink) && cursor.queuedForTurn.compareAndSet(false, true)) {
        turns.add(cursor);
      }
    } catch (RuntimeException e) {
      // The top of a watch thread: one region's failure is not the others'.
      log.error("a watch of {} failed", cursor.spec().range(), e);
      hub.broken(cursor, e);
    }
  }
}
