package io.quorate.client.watch;

import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** A watch as a flow: each subscriber has one of its own, and takes as many updates as it asks for. Any thread. */
public final class WatchPublisher implements Flow.Publisher<WatchUpdate> {
  private final BiFunction<WatchListener, Long, WatchClient.WatchSubscription> opener;

  /**
   * @param opener begins a watch with a listener and a first demand
   */
  public WatchPublisher(BiFunction<WatchListener, Long, WatchClient.WatchSubscription> opener) {
    this.opener = opener;
  }

  @Override
  public void subscribe(Flow.Subscriber<? super WatchUpdate> subscriber) {
    Link link = new Link();
    link.watch.set(opener.apply(
        new WatchListener() {
          @Override
          public void onUpdate(WatchUpdate update) {
            subscriber.onNext(update);
          }

          @Override
          public void onEnd(Throwable why) {
            subscriber.onError(why);
          }
        },
        0L));
    subscriber.onSubscribe(link);
  }

  private static final class Link implements Flow.Subscription {
    private final AtomicReference<WatchClient.@Nullable WatchSubscription> watch =
        new AtomicReference<>();

    @Override
    public void request(long updates) {
      WatchClient.WatchSubscription open = watch.get();
      if (open != null) {
        if (updates < 1) {
          open.watch().close();
          throw new IllegalArgumentException("request of " + updates + " updates");
        }
        open.request().accept(updates);
      }
    }

    @Override
    public void cancel() {
      WatchClient.WatchSubscription open = watch.get();
      if (open != null) {
        open.watch().close();
      }
    }
  }
}
