package io.quorate.client.placement;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.quorate.client.retry.Backoff;
import io.quorate.client.transport.Endpoint;
import io.quorate.proto.PlacementError;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A stream to whoever leads PD that is opened anew for as long as it is wanted. Owned by the client
 * that uses it; confined to the placement client's loop.
 */
final class LeaderStream<Q, A> {
  private static final Logger LOG = LoggerFactory.getLogger(LeaderStream.class);
  private static final int MESSAGES_REQUESTED = 256;

  /** What the user of a stream hears, on the loop. */
  interface Handler<A> {
    /** A stream to the leader is open and may be sent on. */
    void opened();

    /** Something came whose error, if any, is not one of leadership. */
    void received(A message);

    /** What was sent has left: more may be sent. */
    void ready();

    /** The open stream ended, what it carried is lost; the next one is on its way. */
    void broken(String why);

    /** PD does not believe who opens the stream; the next attempt is on its way all the same. */
    default void disbelieved(String why) {}
  }

  private final LeaderFinder finder;
  private final PlacementClientConfig config;
  private final ScheduledExecutorService loop;
  private final MethodDescriptor<Q, A> method;
  private final Function<A, PlacementError> errorOf;
  private final Handler<A> handler;

  private @Nullable ClientCall<Q, A> call;
  private @Nullable Endpoint endpoint;
  private boolean opened;
  private int generation;
  private int failures;
  private boolean wanted;

  LeaderStream(
      LeaderFinder finder,
      PlacementClientConfig config,
      ScheduledExecutorService loop,
      MethodDescriptor<Q, A> method,
      Function<A, PlacementError> errorOf,
      Handler<A> handler) {
    this.finder = finder;
    this.config = config;
    this.loop = loop;
    this.method = method;
    this.errorOf = errorOf;
    this.handler = handler;
  }

  void start() {
    if (!wanted) {
      wanted = true;
      connect();
    }
  }

  boolean isOpen() {
    return opened;
  }

  boolean isReady() {
    ClientCall<Q, A> current = call;
    return opened && current != null && current.isReady();
  }

  void send(Q message) {
    ClientCall<Q, A> current = call;
    if (current == null || !opened) {
      throw new IllegalStateException("send on a stream that is not open");
    }
    current.sendMessage(message);
  }

  /** Nothing more will be sent; answers go on. */
  void halfClose() {
    ClientCall<Q, A> current = call;
    if (current != null) {
      current.halfClose();
    }
  }

  /** Gives this stream up: its leader is silent or answers nonsense. */
  void restart(String why) {
    Endpoint to = endpoint;
    if (to != null) {
      finder.failed(to);
    }
    drop(why, /* pause= */ true);
  }

  void close() {
    wanted = false;
    generation++;
    cancel("closed");
  }

  private void connect() {
    int mine = ++generation;
    var unused = finder.leader().whenComplete((leader, failure) -> {
      if (mine != generation || !wanted) {
        return;
      }
      if (failure != null) {
        drop(String.valueOf(failure.getMessage()), /* pause= */ true);
      } else {
        open(leader, mine);
      }
    });
  }

  private void open(Endpoint leader, int mine) {
    endpoint = leader;
    ClientCall<Q, A> opening =
        finder.channel(leader).channel().newCall(method, CallOptions.DEFAULT);
    call = opening;
    opening.start(new Listener(mine), new Metadata());
    opening.request(MESSAGES_REQUESTED);
    var unused = loop.schedule(
        () -> {
          if (mine == generation && !opened) {
            restart("no connection to " + leader + " within "
                + config.attemptTimeout().toMillis() + " ms");
          }
        },
        config.attemptTimeout().toMillis(),
        TimeUnit.MILLISECONDS);
    if (opening.isReady()) {
      becomeReady();
    }
  }

  private void becomeReady() {
    if (!opened) {
      opened = true;
      handler.opened();
    }
    handler.ready();
  }

  private void drop(String why, boolean pause) {
    boolean wasOpen = opened;
    cancel(why);
    generation++;
    if (wasOpen) {
      LOG.info("pd={} stream={} broken: {}", endpoint, method.getBareMethodName(), why);
      handler.broken(why);
    }
    if (!wanted) {
      return;
    }
    failures++;
    int mine = generation;
    long millis = pause || failures > 2
        ? new Backoff(config.backoffMin().toMillis(), config.backoffMax().toMillis())
            .delayMillis(failures, ThreadLocalRandom.current().nextDouble())
        : 0;
    var unused = loop.schedule(
        () -> {
          if (mine == generation && wanted) {
            connect();
          }
        },
        millis,
        TimeUnit.MILLISECONDS);
  }

  private void cancel(String why) {
    ClientCall<Q, A> old = call;
    call = null;
    opened = false;
    if (old != null) {
      old.cancel(why, null);
    }
  }

  /** Forwards the events of one generation; those of a stream given up are not heard. */
  private final class Listener extends ClientCall.Listener<A> {
    private final int mine;

    Listener(int mine) {
      this.mine = mine;
    }

    @Override
    public void onReady() {
      if (mine == generation) {
        becomeReady();
      }
    }

    @Override
    public void onMessage(A message) {
      if (mine != generation) {
        return;
      }
      ClientCall<Q, A> current = call;
      if (current != null) {
        current.request(1);
      }
      PlacementError error = errorOf.apply(message);
      Endpoint from = endpoint;
      if (error.getCode() == PlacementError.Code.NOT_LEADER && from != null) {
        finder.notLeading(from, error.getLeaderAddress());
        drop(from + " does not lead", /* pause= */ error.getLeaderAddress().isEmpty());
      } else if (error.getCode() == PlacementError.Code.UNAVAILABLE) {
        restart(error.getMessage());
      } else {
        failures = 0;
        handler.received(message);
      }
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      if (mine == generation) {
        if (status.getCode() == Status.Code.UNAUTHENTICATED) {
          handler.disbelieved(String.valueOf(status.getDescription()));
        }
        restart(status.getCode() + " " + status.getDescription());
      }
    }
  }
}
