package io.quorate.client;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A range as a flow of keys: a page is fetched when the one before it was taken, so that a slow
 * subscriber holds one page and nothing more. Each subscriber reads for itself; signals come on the
 * client's callback threads, one at a time.
 */
final class PagePublisher implements Flow.Publisher<KeyValue> {
  private final Supplier<PageReader> pages;
  private final Executor callbacks;

  PagePublisher(Supplier<PageReader> pages, Executor callbacks) {
    this.pages = pages;
    this.callbacks = callbacks;
  }

  @Override
  public void subscribe(Flow.Subscriber<? super KeyValue> subscriber) {
    Reading reading = new Reading(subscriber, pages.get());
    subscriber.onSubscribe(reading);
    reading.wake();
  }

  /** One subscriber's reading; {@link #signal} never runs twice at once. */
  private final class Reading implements Flow.Subscription {
    private final Flow.Subscriber<? super KeyValue> subscriber;
    private final PageReader reader;
    private final AtomicLong demand = new AtomicLong();
    private final AtomicInteger wakes = new AtomicInteger();
    private volatile boolean cancelled;
    private volatile boolean fetching;
    private volatile boolean exhausted;
    private volatile @Nullable Throwable failure;
    // Filled before a wake and drained after it.
    private final ArrayDeque<KeyValue> page = new ArrayDeque<>();

    Reading(Flow.Subscriber<? super KeyValue> subscriber, PageReader reader) {
      this.subscriber = subscriber;
      this.reader = reader;
    }

    @Override
    public void request(long n) {
      if (n < 1) {
        failure = new IllegalArgumentException("request of " + n + " elements");
      } else {
        demand.accumulateAndGet(n, (had, more) -> had + more < 0 ? Long.MAX_VALUE : had + more);
      }
      wake();
    }

    @Override
    public void cancel() {
      cancelled = true;
    }

    void wake() {
      if (wakes.getAndIncrement() == 0) {
        callbacks.execute(this::signal);
      }
    }

    private void signal() {
      int seen;
      do {
        seen = wakes.get();
        if (!fetching) {
          deliver();
        }
      } while (wakes.addAndGet(-seen) != 0);
    }

    private void deliver() {
      while (!cancelled && demand.get() > 0 && !page.isEmpty()) {
        demand.decrementAndGet();
        subscriber.onNext(page.remove());
      }
      Throwable failed = failure;
      if (cancelled) {
        page.clear();
      } else if (failed != null) {
        cancelled = true;
        subscriber.onError(failed);
      } else if (page.isEmpty() && exhausted) {
        cancelled = true;
        subscriber.onComplete();
      } else if (page.isEmpty()) {
        fetch();
      }
    }

    private void fetch() {
      fetching = true;
      var unused = reader.nextDirect().whenComplete((fetched, failed) -> {
        if (failed != null) {
          failure = QuorateClient.unwrap(failed);
        } else if (fetched.isEmpty()) {
          exhausted = true;
        } else {
          page.addAll(fetched.get().kvs());
        }
        fetching = false;
        wake();
      });
    }
  }
}
