package io.quorate.gateway;

import io.grpc.stub.ServerCallStreamObserver;
import io.quorate.client.KeyValue;
import io.quorate.client.QuorateClient;
import io.quorate.client.RangeResult;
import io.quorate.client.RefusedException;
import io.quorate.client.watch.WatchClient.WatchSubscription;
import io.quorate.client.watch.WatchEvent;
import io.quorate.client.watch.WatchListener;
import io.quorate.client.watch.WatchOptions;
import io.quorate.client.watch.WatchUpdate;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.proto.RefusalCode;
import io.quorate.proto.etcd.election.LeaderResponse;
import org.jspecify.annotations.Nullable;

/**
 * One stream that tells who leads, and each change of it (etcd client/v3/concurrency/election.go, observe): the first of the line
 * is told and watched; once its key goes, the next one is looked for. Owned by its call. Thread: the SDK's callback threads;
 * fields under this object's lock.
 *
 * <p>A watch may have one update on its way; the next is asked for when the transport takes more.
 */
final class ObserveStream {
  private final QuorateClient client;
  private final ResponseHeaders headers;
  private final WaitingLine line;
  private final Bytes name;
  private final ServerCallStreamObserver<LeaderResponse> answer;
  private @Nullable Leading watching;
  private boolean starved;
  private boolean over;

  ObserveStream(
      QuorateClient client,
      ResponseHeaders headers,
      WaitingLine line,
      Bytes name,
      ServerCallStreamObserver<LeaderResponse> answer) {
    this.client = client;
    this.headers = headers;
    this.line = line;
    this.name = name;
    this.answer = answer;
  }

  void begin() {
    answer.setOnReadyHandler(this::onReady);
    answer.setOnCancelHandler(this::end);
    look();
  }

  private void look() {
    var unused = line.first(name).whenComplete((found, failure) -> {
      if (failure != null) {
        fail(failure);
      } else {
        found(found);
      }
    });
  }

  private synchronized void found(RangeResult found) {
    if (over) {
      return;
    }
    if (found.kvs().isEmpty()) {
      watch(new Leading(false), KeyRange.prefix(WaitingLine.prefix(name)), found.revision());
    } else {
      KeyValue leader = found.kvs().get(0);
      tell(found.revision(), leader);
      watch(new Leading(true), KeyRange.single(leader.key()), found.revision());
    }
  }

  private void watch(Leading listener, KeyRange range, long revision) {
    watching = listener;
    listener.subscription =
        client.watch(range, WatchOptions.DEFAULT.from(revision + 1), listener, 1);
  }

  private void tell(long revision, KeyValue leader) {
    answer.onNext(LeaderResponse.newBuilder()
        .setHeader(headers.at(revision))
        .setKv(KvResponses.keyValue(leader))
        .build());
  }

  private synchronized void changed(Leading watch, WatchUpdate update) {
    if (over || watching != watch) {
      return;
    }
    for (WatchEvent event : update.events()) {
      if (!watch.knowsLeader || event.type() == WatchEvent.Type.DELETE) {
        // Either the first of an empty line has come, or who led has gone.
        watch.close();
        watching = null;
        look();
        return;
      }
      tell(event.revision(), event.kv());
    }
    if (answer.isReady()) {
      watch.more();
    } else {
      starved = true;
    }
  }

  private synchronized void onReady() {
    if (starved && watching != null && answer.isReady()) {
      starved = false;
      watching.more();
    }
  }

  private void ended(Leading watch, Throwable why) {
    synchronized (this) {
      if (over || watching != watch) {
        return;
      }
      watching = null;
    }
    if (why instanceof RefusedException refused && refused.code() == RefusalCode.COMPACTED) {
      look();
    } else {
      fail(why);
    }
  }

  private synchronized void fail(Throwable why) {
    if (!over) {
      end();
      answer.onError(EtcdErrors.of(why));
    }
  }

  private synchronized void end() {
    over = true;
    if (watching != null) {
      watching.close();
      watching = null;
    }
  }

  /** The watch of who leads, or of the line while nobody does. */
  private final class Leading implements WatchListener {
    private final boolean knowsLeader;
    private @Nullable WatchSubscription subscription;

    Leading(boolean knowsLeader) {
      this.knowsLeader = knowsLeader;
    }

    void more() {
      if (subscription != null) {
        subscription.request().accept(1);
      }
    }

    void close() {
      if (subscription != null) {
        subscription.watch().close();
      }
    }

    @Override
    public void onUpdate(WatchUpdate update) {
      changed(this, update);
    }

    @Override
    public void onEnd(Throwable why) {
      ended(this, why);
    }
  }
}
