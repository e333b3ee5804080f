package io.quorate.client.watch;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.quorate.client.ClientClosedException;
import io.quorate.client.KeyValue;
import io.quorate.client.RefusedException;
import io.quorate.client.UnavailableException;
import io.quorate.client.retry.Failure;
import io.quorate.model.KeyRange;
import io.quorate.model.Wire;
import io.quorate.proto.Refusal;
import io.quorate.proto.RefusalCode;
import io.quorate.proto.WatchResponse;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One user's watch: a leg per region that its range touches, the merge of what they tell, and the delivery of what is released.
 * Owned by {@link WatchClient}, confined to its loop but for what {@link Watch} offers.
 */
final class WatchSession implements Watch {
  /** Bytes that an event counts for beside key and values. */
  private static final int EVENT_OVERHEAD = 200;

  private final WatchClient client;
  private final KeyRange range;
  private final WatchOptions options;
  private final WatchLimits limits;
  private final Delivery delivery;
  private final CompletableFuture<Long> started = new CompletableFuture<>();
  private final CompletableFuture<Void> done = new CompletableFuture<>();

  // Confined to the loop.
  private final Map<WatchMerge.Part, WatchLeg> legs = new LinkedHashMap<>();
  private @Nullable WatchMerge merge;
  private long start;
  private boolean ended;
  private boolean progressWanted;
  private long progressAt;
  private long lastUpdateNanos = System.nanoTime();

  WatchSession(
      WatchClient client,
      KeyRange range,
      WatchOptions options,
      WatchListener listener,
      long demand) {
    this.client = client;
    this.range = range;
    this.options = options;
    this.limits = client.limits();
    this.delivery = new Delivery(
        client.callbacks(), listener, demand, () -> client.onLoop(() -> client.touch(this)));
  }

  WatchOptions options() {
    return options;
  }

  /** The first revision watched. */
  long start() {
    return start;
  }

  WatchClient client() {
    return client;
  }

  boolean ended() {
    return ended;
  }

  // ------------------------------------------------------------------ any thread

  @Override
  public CompletableFuture<Long> started() {
    return started.copy();
  }

  @Override
  public long revision() {
    return delivery.delivered();
  }

  @Override
  public void requestProgress() {
    client.onLoop(() -> {
      progressWanted = true;
      client.touch(this);
    });
  }

  @Override
  public CompletableFuture<Void> done() {
    return done.copy();
  }

  @Override
  public void close() {
    delivery.end(null);
    client.onLoop(() -> end(null));
  }

  void request(long updates) {
    delivery.request(updates);
  }

  // ------------------------------------------------------------------ on the loop

  /** Begins behind the revision. */
  void begin(long first) {
    if (ended) {
      return;
    }
    start = first;
    delivery.begin(first - 1);
    WatchMerge made = new WatchMerge(range, first - 1, options.immediate());
    merge = made;
    started.complete(first);
    for (WatchMerge.Part part : List.copyOf(made.parts())) {
      add(part).route();
    }
  }

  WatchLeg add(WatchMerge.Part part) {
    WatchLeg leg = new WatchLeg(this, part);
    legs.put(part, leg);
    return leg;
  }

  WatchMerge merge() {
    WatchMerge made = merge;
    if (made == null) {
      throw new IllegalStateException("the watch has not begun");
    }
    return made;
  }

  /** The leg's piece lies in several regions now: a leg for each. */
  List<WatchLeg> replace(WatchLeg leg, List<KeyRange> pieces) {
    legs.remove(leg.part());
    List<WatchLeg> fresh = new ArrayList<>(pieces.size());
    for (WatchMerge.Part part : merge().replace(leg.part(), pieces)) {
      fresh.add(add(part));
    }
    return fresh;
  }

  /** A leg hears; the session is stepped once the whole message was heard. */
  void heard(WatchLeg leg, WatchResponse response) {
    for (ByteString event : response.getEventsList()) {
      merge().event(leg.part(), entry(event));
    }
    if (response.getResolved() != 0) {
      merge().resolved(leg.part(), response.getResolved());
    }
    if (leg.part().pendingBytes() > limits.revisionBytes()) {
      end(new UnavailableException("a revision behind " + leg.part().frontier() + " has more than "
          + limits.revisionBytes() + " bytes of events (revisionBytes)"));
    }
    client.touch(this);
  }

  private static WatchMerge.Entry entry(ByteString bytes) {
    try {
      io.quorate.proto.WatchEvent message = io.quorate.proto.WatchEvent.parseFrom(bytes);
      WatchEvent event = new WatchEvent(
          message.getDelete() ? WatchEvent.Type.DELETE : WatchEvent.Type.PUT,
          KeyValue.of(message.getKv()),
          message.hasPrevious()
              ? Optional.of(KeyValue.of(message.getPrevious()))
              : Optional.empty());
      return new WatchMerge.Entry(event, message.getSub(), bytes.size() + EVENT_OVERHEAD);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a store sent an event that cannot be read", e);
    }
  }

  void refused(Refusal refusal) {
    end(RefusedException.of(refusal));
  }

  /** After something was heard, taken or asked for. */
  void step() {
    WatchMerge made = merge;
    if (ended || made == null) {
      return;
    }
    Throwable thrown = delivery.failure();
    if (thrown != null) {
      end(thrown);
      return;
    }
    long frontier = made.frontier();
    deliver(made.release(), frontier);
    for (WatchLeg leg : legs.values()) {
      if (leg.part().frontier() < made.waitsFor(leg.part())) {
        leg.ask();
      }
    }
    progress(frontier);
    makeRoom(made, frontier);
  }

  private void deliver(List<WatchMerge.Entry> released, long frontier) {
    int from = 0;
    while (from < released.size()) {
      int to = Math.min(released.size(), from + limits.updateEvents());
      while (to < released.size()
          && released.get(to).revision() == released.get(to - 1).revision()) {
        to++;
      }
      List<WatchEvent> events = new ArrayList<>(to - from);
      long bytes = 0;
      for (WatchMerge.Entry entry : released.subList(from, to)) {
        events.add(entry.event());
        bytes += entry.bytes();
      }
      boolean inOrder = !options.immediate();
      long revision =
          to == released.size() || !inOrder ? frontier : released.get(to - 1).revision();
      delivery.add(new WatchUpdate(events, revision), bytes);
      lastUpdateNanos = System.nanoTime();
      from = to;
    }
  }

  private void progress(long frontier) {
    if (progressWanted && progressAt == 0) {
      progressWanted = false;
      progressAt = Long.MAX_VALUE;
      client.current(current -> {
        progressAt = current;
        client.touch(this);
      });
    }
    if (progressAt == 0 || progressAt == Long.MAX_VALUE) {
      return;
    }
    if (frontier >= progressAt) {
      progressAt = 0;
      delivery.add(new WatchUpdate(List.of(), frontier), EVENT_OVERHEAD);
      lastUpdateNanos = System.nanoTime();
      return;
    }
    for (WatchLeg leg : legs.values()) {
      if (leg.part().frontier() < progressAt) {
        leg.ask();
      }
    }
  }

  /**
   * Who is ahead waits while there is no room. Who is behind all others is listened to as long as the listener takes what comes:
   * only that makes room.
   */
  private void makeRoom(WatchMerge made, long frontier) {
    long waiting = delivery.bytes();
    long buffered = made.bufferedBytes();
    long room = limits.bufferBytes();
    for (WatchLeg leg : List.copyOf(legs.values())) {
      boolean ahead = leg.part().frontier() > frontier;
      if (waiting > room || (buffered > room && ahead)) {
        leg.suspend();
      } else if (waiting <= room / 2 && (buffered <= room / 2 || !ahead)) {
        leg.resume();
      }
    }
  }

  /** Now and then. */
  void tick(long nowNanos) {
    if (ended || merge == null) {
      return;
    }
    for (WatchLeg leg : List.copyOf(legs.values())) {
      leg.tick(nowNanos, limits.silence().toNanos());
    }
    long pause = options.progressEvery().toNanos();
    if (pause > 0 && nowNanos - lastUpdateNanos > pause) {
      progressWanted = true;
    }
    step();
  }

  /**
   * Ends it.
   *
   * @param why null: as the user wished
   */
  void end(@Nullable Throwable why) {
    if (ended) {
      return;
    }
    ended = true;
    legs.values().forEach(WatchLeg::leave);
    legs.clear();
    client.forget(this);
    delivery.end(why);
    if (why == null) {
      started.completeExceptionally(new ClientClosedException("the watch was closed"));
      done.complete(null);
    } else {
      started.completeExceptionally(why);
      done.completeExceptionally(why);
    }
  }

  /** What may not be tried again. */
  void hopeless(Failure failure) {
    end(
        failure instanceof Failure.Closed
            ? new ClientClosedException(failure.message())
            : new UnavailableException(failure.message()));
  }

  static boolean isFinal(WatchResponse response) {
    return response.getEndCase() == WatchResponse.EndCase.REFUSED
        && response.getRefused().getCode() != RefusalCode.REFUSAL_UNSPECIFIED;
  }

  static Failure failure(WatchResponse response) {
    return new Failure.Answered(Wire.error(response.getMoved()));
  }
}
