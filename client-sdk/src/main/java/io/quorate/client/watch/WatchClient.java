package io.quorate.client.watch;

import io.quorate.client.ClientClosedException;
import io.quorate.client.placement.PlacementClient;
import io.quorate.client.retry.RetryPolicy;
import io.quorate.client.route.RegionDirectory;
import io.quorate.client.transport.ChannelFactory;
import io.quorate.client.transport.Endpoint;
import io.quorate.model.KeyRange;
import io.quorate.model.StoreDescriptor;
import io.quorate.model.StoreId;
import io.quorate.model.Wire;
import io.quorate.proto.Envelope;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;

/**
 * All watches of one client: they share one stream per store, and one loop, to which everything here is confined unless it says
 * otherwise. Owned by {@link io.quorate.client.QuorateClient}.
 */
public final class WatchClient implements AutoCloseable {
  private static final long TICK_MILLIS = 250;
  private static final long ORACLE_PAUSE_MILLIS = 100;

  /**
   * What a client lends its watches.
   *
   * @param clientId drawn by the client
   * @param user who asks
   * @param callbacks run listeners
   */
  public record Surroundings(
      PlacementClient placement,
      ChannelFactory channels,
      RegionDirectory directory,
      RetryPolicy retry,
      WatchLimits limits,
      long clientId,
      String user,
      Executor callbacks) {}

  private final Surroundings around;
  private final ScheduledExecutorService loop;
  private final Map<StoreId, WatchStream> streams = new HashMap<>();
  private final Set<WatchSession> sessions = new LinkedHashSet<>();
  private final Set<WatchSession> touched = new LinkedHashSet<>();
  private boolean stepping;
  private boolean ticking;
  private boolean closed;

  public WatchClient(Surroundings around) {
    this.around = around;
    this.loop = around.channels().loop();
  }

  /**
   * Begins a watch; any thread.
   *
   * @param range not empty
   * @param demand updates that may be told before more are asked for
   */
  public WatchSubscription open(
      KeyRange range, WatchOptions options, WatchListener listener, long demand) {
    if (range.isEmpty()) {
      throw new IllegalArgumentException("no key lies in " + range);
    }
    WatchSession session = new WatchSession(this, range, options, listener, demand);
    onLoop(() -> begin(session));
    return new WatchSubscription(session, session::request);
  }

  /**
   * A watch and its demand.
   *
   * @param request asks for so many updates more
   */
  public record WatchSubscription(Watch watch, LongConsumer request) {}

  private void begin(WatchSession session) {
    if (closed) {
      session.end(new ClientClosedException("the client was closed"));
      return;
    }
    sessions.add(session);
    if (!ticking) {
      ticking = true;
      later(TICK_MILLIS, this::tick);
    }
    long start = session.options().start();
    if (start > 0) {
      session.begin(start);
    } else {
      current(now -> session.begin(now + 1));
    }
  }

  /** The oracle's current number, as soon as it can be had. */
  void current(LongConsumer then) {
    var unused = around
        .placement()
        .oracle()
        .current()
        .whenComplete((state, failure) -> onLoop(() -> {
          if (closed) {
            return;
          }
          if (state != null) {
            then.accept(state.revision());
          } else {
            later(ORACLE_PAUSE_MILLIS, () -> current(then));
          }
        }));
  }

  private void tick() {
    if (closed) {
      return;
    }
    long now = System.nanoTime();
    for (WatchSession session : List.copyOf(sessions)) {
      session.tick(now);
    }
    later(TICK_MILLIS, this::tick);
  }

  // ------------------------------------------------------------------ for sessions and legs

  WatchLimits limits() {
    return around.limits();
  }

  Executor callbacks() {
    return around.callbacks();
  }

  RegionDirectory directory() {
    return around.directory();
  }

  RetryPolicy retry() {
    return around.retry();
  }

  /** Any thread. */
  void onLoop(Runnable task) {
    try {
      loop.execute(task);
    } catch (RejectedExecutionException e) {
      // The client was closed, and its watches have ended before its loops.
    }
  }

  void later(long millis, Runnable task) {
    if (millis == 0) {
      onLoop(task);
      return;
    }
    try {
      var unused = loop.schedule(task, millis, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      // As above.
    }
  }

  /** Something happened to the session: it is stepped once the message at hand was heard. */
  void touch(WatchSession session) {
    if (!session.ended() && touched.add(session) && !stepping) {
      stepping = true;
      onLoop(this::stepTouched);
    }
  }

  private void stepTouched() {
    stepping = false;
    List<WatchSession> now = List.copyOf(touched);
    touched.clear();
    now.forEach(WatchSession::step);
  }

  void forget(WatchSession session) {
    sessions.remove(session);
    touched.remove(session);
  }

  /** The stream to a store, as the store is now. */
  WatchStream stream(StoreDescriptor store) {
    WatchStream known = streams.get(store.id());
    if (known != null
        && known.store().incarnation() == store.incarnation()
        && known.store().clientAddress().equals(store.clientAddress())) {
      return known;
    }
    Envelope envelope =
        Wire.clientEnvelope(around.placement().clusterId(), around.clientId(), store.id())
            .toBuilder()
            .setToIncarnation(store.incarnation())
            .setUser(around.user())
            .build();
    WatchStream fresh = new WatchStream(
        store,
        around.channels().open(Endpoint.parse(store.clientAddress()), loop),
        envelope,
        () -> {});
    streams.put(store.id(), fresh);
    if (known != null) {
      known.close();
    }
    return fresh;
  }

  /** Ends all watches; any thread. */
  @Override
  public void close() {
    onLoop(() -> {
      closed = true;
      for (WatchSession session : List.copyOf(sessions)) {
        session.end(new ClientClosedException("the client was closed"));
      }
      streams.values().forEach(WatchStream::close);
      streams.clear();
    });
  }
}
