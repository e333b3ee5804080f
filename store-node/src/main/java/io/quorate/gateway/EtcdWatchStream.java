package io.quorate.gateway;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quorate.auth.AuthError;
import io.quorate.client.QuorateClient;
import io.quorate.client.RefusedException;
import io.quorate.client.placement.OracleState;
import io.quorate.client.watch.WatchClient.WatchSubscription;
import io.quorate.client.watch.WatchListener;
import io.quorate.client.watch.WatchUpdate;
import io.quorate.model.KeyRange;
import io.quorate.proto.RefusalCode;
import io.quorate.proto.etcd.WatchCreateRequest;
import io.quorate.proto.etcd.WatchRequest;
import io.quorate.proto.etcd.WatchResponse;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One stream of etcd's Watch service: many watches of the SDK under the ids that the client knows. Owned by its call. Thread:
 * requests on I/O threads, updates on the SDK's callback threads; everything under this object's lock, and nothing waits.
 *
 * <p>Back pressure: each watch may have one update on its way; the next is asked for when the transport takes more.
 */
final class EtcdWatchStream implements StreamObserver<WatchRequest> {
  /** Watches of one stream; one more is refused. */
  private static final int WATCHES_MAX = 200_000;

  /** Asks for progress that wait; the oldest is dropped beyond, as etcd drops them while a watch is behind. */
  private static final int PROGRESS_WAITING_MAX = 16;

  /** The id of answers that are about no one watch. */
  private static final long NO_WATCH = -1;

  private final QuorateClient client;
  private final ResponseHeaders headers;
  private final Function<KeyRange, CompletableFuture<Optional<AuthError>>> permission;
  private final Duration every;
  private final ServerCallStreamObserver<WatchResponse> answer;
  private final Map<Long, Served> watches = new HashMap<>();
  /** Revisions that the client wants to hear that nothing up to them comes any more. */
  private final Deque<Long> progress = new ArrayDeque<>();
  /** Watches that may tell more once the transport takes more. */
  private final Deque<Served> starved = new ArrayDeque<>();

  private long lastId = -1;
  private boolean over;

  /**
   * A stream that has just been opened.
   *
   * @param permission why the client may not watch a range; empty if it may
   * @param every how often an idle watch that wants progress is told of it
   */
  EtcdWatchStream(
      QuorateClient client,
      ResponseHeaders headers,
      Function<KeyRange, CompletableFuture<Optional<AuthError>>> permission,
      Duration every,
      ServerCallStreamObserver<WatchResponse> answer) {
    this.client = client;
    this.headers = headers;
    this.permission = permission;
    this.every = every;
    this.answer = answer;
    answer.setOnReadyHandler(this::onReady);
    answer.setOnCancelHandler(this::end);
  }

  @Override
  public void onNext(WatchRequest request) {
    switch (request.getRequestUnionCase()) {
      case CREATE_REQUEST -> create(request.getCreateRequest());
      case CANCEL_REQUEST -> cancel(request.getCancelRequest().getWatchId());
      case PROGRESS_REQUEST -> progress();
      case REQUESTUNION_NOT_SET -> {
        // etcd ignores it too.
      }
    }
  }

  /** The client asks for no more; what it watches it goes on watching. */
  @Override
  public void onCompleted() {}

  @Override
  public void onError(Throwable failure) {
    end();
  }

  // ------------------------------------------------------------------ creating and cancelling

  private synchronized void create(WatchCreateRequest request) {
    KeyRange range = WatchRequests.range(request);
    String refusal =
        WatchRequests.refusal(request, range, watches.containsKey(request.getWatchId()));
    if (refusal.isEmpty() && watches.size() >= WATCHES_MAX) {
      refusal = "quorate: more than " + WATCHES_MAX + " watches on one stream";
    }
    Served watch = null;
    if (refusal.isEmpty()) {
      long id = request.getWatchId() == 0 ? freeId() : request.getWatchId();
      watch = new Served(id, range, request);
      watches.put(id, watch);
    }
    Served created = watch;
    String why = refusal;
    var unused = permission
        .apply(range)
        .thenCombine(client.placement().oracle().current(), Answer::new)
        .whenComplete((answered, failure) -> {
          if (failure != null) {
            fail(failure);
          } else if (created == null) {
            refuse(answered.revision(), why);
          } else if (answered.denied().isPresent()) {
            deny(created, answered);
          } else {
            begin(created, answered.revision());
          }
        });
  }

  /** What is known of a watch before it begins. */
  private record Answer(Optional<AuthError> denied, OracleState now) {
    long revision() {
      return now.revision();
    }
  }

  private synchronized void deny(Served watch, Answer answered) {
    watches.remove(watch.id, watch);
    refuse(answered.revision(), answered.denied().orElseThrow().text());
  }

  private long freeId() {
    do {
      lastId++;
    } while (watches.containsKey(lastId));
    return lastId;
  }

  private synchronized void refuse(long revision, String why) {
    send(WatchResponse.newBuilder()
        .setHeader(headers.at(revision))
        .setWatchId(NO_WATCH)
        .setCreated(true)
        .setCanceled(true)
        .setCancelReason(why));
  }

  /** The header promises exactly what follows for a watch from now on: everything above it. */
  private synchronized void begin(Served watch, long now) {
    if (over) {
      return;
    }
    send(WatchResponse.newBuilder()
        .setHeader(headers.at(now))
        .setWatchId(watch.id)
        .setCreated(true));
    if (watch.cancelled) {
      sayCancelled(watch.id);
      return;
    }
    long start = watch.request.getStartRevision();
    watch.told = start == 0 ? now : start - 1;
    watch.subscription = client.watch(
        watch.range, WatchRequests.options(watch.request, every).from(watch.told + 1), watch, 1);
    if (!progress.isEmpty()) {
      watch.subscription.watch().requestProgress();
    }
  }

  private synchronized void cancel(long id) {
    Served watch = watches.remove(id);
    if (watch == null) {
      return;
    }
    watch.cancelled = true;
    if (watch.subscription != null) {
      watch.subscription.watch().close();
      sayCancelled(id);
    }
    tellProgress();
  }

  private void sayCancelled(long id) {
    send(WatchResponse.newBuilder()
        .setHeader(headers.at(newestKnown()))
        .setWatchId(id)
        .setCanceled(true));
  }

  private long newestKnown() {
    return client.placement().oracle().newestKnown().revision();
  }

  // ------------------------------------------------------------------ progress

  private void progress() {
    var unused = client.placement().oracle().current().whenComplete((now, failure) -> {
      if (failure != null) {
        fail(failure);
      } else {
        await(now.revision());
      }
    });
  }

  private synchronized void await(long revision) {
    if (progress.size() >= PROGRESS_WAITING_MAX) {
      progress.poll();
    }
    progress.add(revision);
    for (Served watch : watches.values()) {
      if (watch.told < revision && watch.subscription != null) {
        watch.subscription.watch().requestProgress();
      }
    }
    tellProgress();
  }

  /** A promise for the whole stream: every watch on it has been told all up to there. */
  private void tellProgress() {
    if (progress.isEmpty() || over) {
      return;
    }
    long all = Long.MAX_VALUE;
    for (Served watch : watches.values()) {
      all = Math.min(all, watch.subscription == null ? 0 : watch.told);
    }
    while (!progress.isEmpty() && progress.getFirst() <= all) {
      send(WatchResponse.newBuilder()
          .setHeader(headers.at(progress.removeFirst()))
          .setWatchId(NO_WATCH));
    }
  }

  // ------------------------------------------------------------------ updates

  private synchronized void told(Served watch, WatchUpdate update) {
    if (over || watches.get(watch.id) != watch) {
      return;
    }
    watch.told = Math.max(watch.told, update.revision());
    if (!update.isProgress() && !watch.mute) {
      for (WatchResponse.Builder part :
          WatchResponses.events(update.events(), watch.request.getFragment())) {
        send(part.setWatchId(watch.id)
            .setHeader(headers.at(WatchResponses.lastRevision(update.events()))));
      }
    } else if (update.isProgress() && watch.request.getProgressNotify()) {
      send(
          WatchResponse.newBuilder().setWatchId(watch.id).setHeader(headers.at(update.revision())));
    }
    tellProgress();
    if (answer.isReady()) {
      watch.more();
    } else {
      starved.add(watch);
    }
  }

  private synchronized void ended(Served watch, Throwable why) {
    if (over || !watches.remove(watch.id, watch)) {
      return;
    }
    WatchResponse.Builder last = WatchResponse.newBuilder()
        .setHeader(headers.at(newestKnown()))
        .setWatchId(watch.id)
        .setCanceled(true);
    if (why instanceof RefusedException refused && refused.code() == RefusalCode.COMPACTED) {
      last.setCompactRevision(refused.compacted());
    } else {
      last.setCancelReason(EtcdErrors.text(why));
    }
    send(last);
    tellProgress();
  }

  private synchronized void onReady() {
    while (answer.isReady() && !starved.isEmpty()) {
      starved.removeFirst().more();
    }
  }

  private void send(WatchResponse.Builder response) {
    if (!over) {
      answer.onNext(response.build());
    }
  }

  private synchronized void fail(Throwable failure) {
    if (!over) {
      end();
      answer.onError(EtcdErrors.of(failure));
    }
  }

  private synchronized void end() {
    over = true;
    for (Served watch : watches.values()) {
      if (watch.subscription != null) {
        watch.subscription.watch().close();
      }
    }
    watches.clear();
    starved.clear();
    progress.clear();
  }

  /** One watch of the stream; its fields are the stream's to change, under its lock. */
  private final class Served implements WatchListener {
    private final long id;
    private final KeyRange range;
    private final WatchCreateRequest request;
    /** Both filters: nothing passes, but progress is told all the same. */
    private final boolean mute;

    private @Nullable WatchSubscription subscription;
    private long told;
    private boolean cancelled;

    Served(long id, KeyRange range, WatchCreateRequest request) {
      this.id = id;
      this.range = range;
      this.request = request;
      this.mute = WatchRequests.isMute(request);
    }

    void more() {
      if (subscription != null) {
        subscription.request().accept(1);
      }
    }

    @Override
    public void onUpdate(WatchUpdate update) {
      told(this, update);
    }

    @Override
    public void onEnd(Throwable why) {
      ended(this, why);
    }
  }
}
