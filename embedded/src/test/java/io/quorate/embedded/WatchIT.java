package io.quorate.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.client.BlockingClient;
import io.quorate.client.KeyValue;
import io.quorate.client.OutcomeUnknownException;
import io.quorate.client.QuorateClient;
import io.quorate.client.QuorateException;
import io.quorate.client.RangeOptions;
import io.quorate.client.RangeResult;
import io.quorate.client.watch.Watch;
import io.quorate.client.watch.WatchEvent;
import io.quorate.client.watch.WatchOptions;
import io.quorate.client.watch.WatchUpdate;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writers over many regions, and watchers of a key, a prefix and everything, while regions are cut, leaders move and stores are
 * killed: each watcher's events are the history, all of it, once, in order, and as reads at those revisions show it.
 */
class WatchIT {
  private static final Logger LOG = LoggerFactory.getLogger(WatchIT.class);
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int KEYS = 80;
  private static final int WRITERS = 4;

  private final ConcurrentLinkedQueue<Acked> acked = new ConcurrentLinkedQueue<>();
  private final AtomicInteger ackedCount = new AtomicInteger();
  private final AtomicBoolean over = new AtomicBoolean();
  private final Random random = new Random(7);

  /** A write that was acknowledged; without a value it was a deletion. */
  private record Acked(long revision, Bytes key, Optional<Bytes> value) {}

  /** What a watcher heard. */
  private static final class Heard {
    final String name;
    final KeyRange range;
    final List<WatchEvent> events = Collections.synchronizedList(new ArrayList<>());
    volatile long revision;

    Heard(String name, KeyRange range) {
      this.name = name;
      this.range = range;
    }

    /** A write of unknown outcome may still come after all is over: it is above what is judged. */
    List<WatchEvent> upTo(long last) {
      synchronized (events) {
        return events.stream().filter(event -> event.revision() <= last).toList();
      }
    }

    void take(WatchUpdate update) {
      long last = events.isEmpty() ? 0 : events.get(events.size() - 1).revision();
      if (!update.isProgress() && update.events().get(0).revision() <= last) {
        throw new AssertionError(name + " heard revision "
            + update.events().get(0).revision() + " in another update than revision " + last);
      }
      events.addAll(update.events());
      revision = update.revision();
    }
  }

  @Test
  void everyWatcherHearsTheHistory() throws Exception {
    try (EmbeddedCluster cluster = EmbeddedCluster.builder()
        .stores(3)
        .splitKeys("k10", "k20", "k30", "k40", "k50", "k60", "k70")
        .start()) {
      QuorateClient client = cluster.client();
      List<Heard> watchers = new ArrayList<>();
      List<Watch> watches = new ArrayList<>();
      WatchOptions fromStart = WatchOptions.DEFAULT.from(1).withPrevious();
      Heard all = watch(client, "all", KeyRange.ALL, fromStart, watchers, watches);
      watch(client, "key", KeyRange.single(key(17)), fromStart, watchers, watches);
      watch(client, "prefix", KeyRange.prefix(Bytes.utf8("k3")), fromStart, watchers, watches);
      Heard immediate = new Heard("immediate", KeyRange.ALL);
      watches.add(client.watch(KeyRange.ALL, fromStart.withImmediate(), update -> {
        immediate.events.addAll(update.events());
        immediate.revision = update.revision();
      }));
      Slow slow = new Slow(new Heard("slow", KeyRange.ALL));
      client.watch(KeyRange.ALL, fromStart).subscribe(slow);

      ExecutorService loops = Executors.newFixedThreadPool(WRITERS + 1);
      List<Future<?>> running = new ArrayList<>();
      for (int writer = 0; writer < WRITERS; writer++) {
        int number = writer;
        running.add(loops.submit(() -> write(client.blocking(), number)));
      }
      Heard resumed = new Heard("resumed", KeyRange.ALL);
      AtomicInteger resumes = new AtomicInteger();
      AtomicBoolean resuming = new AtomicBoolean(true);
      Future<?> resumer = loops.submit(() -> resume(client, resumed, resumes, resuming));

      afterWrites(400);
      disasters(cluster);
      over.set(true);
      for (Future<?> loop : running) {
        loop.get(60, TimeUnit.SECONDS);
      }
      long last = client.snapshot().get(60, TimeUnit.SECONDS).revision();
      slow.hurry();
      watchers.add(slow.heard);
      watchers.add(resumed);
      for (Heard one : watchers) {
        Awaitility.await(one.name).atMost(PATIENCE).until(() -> {
          watches.forEach(Watch::requestProgress);
          boolean hasAll = one == slow.heard && one.events.size() >= all.events.size();
          return one.revision >= last || hasAll;
        });
      }
      resuming.set(false);
      resumer.get(60, TimeUnit.SECONDS);
      loops.shutdown();
      Awaitility.await("immediate").atMost(PATIENCE).until(() -> {
        watches.forEach(Watch::requestProgress);
        return immediate.revision >= last;
      });
      LOG.info(
          "{} acknowledged writes, {} events, {} resumes",
          acked.size(),
          all.events.size(),
          resumes.get());

      List<WatchEvent> history = all.upTo(last);
      checkHistory(client.blocking(), history, last);
      for (Heard one : watchers) {
        assertThat(withoutPrevious(one.upTo(last)))
            .as(one.name)
            .isEqualTo(withoutPrevious(history.stream()
                .filter(event -> one.range.contains(event.key()))
                .toList()));
      }
      assertThat(immediate.upTo(last)).containsExactlyInAnyOrderElementsOf(history);
      assertThat(resumes.get()).isGreaterThan(20);
      watches.forEach(Watch::close);
      for (Watch watch : watches) {
        watch.done().get(60, TimeUnit.SECONDS);
      }
    }
  }

  private static Heard watch(
      QuorateClient client,
      String name,
      KeyRange range,
      WatchOptions options,
      List<Heard> heard,
      List<Watch> watches) {
    Heard one = new Heard(name, range);
    heard.add(one);
    watches.add(client.watch(range, options, one::take));
    return one;
  }

  /** Takes updates one at a time, and only when it is told to. */
  private static final class Slow implements Flow.Subscriber<WatchUpdate> {
    final Heard heard;
    private final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();

    Slow(Heard heard) {
      this.heard = heard;
    }

    void hurry() {
      subscription.join().request(Long.MAX_VALUE);
    }

    @Override
    public void onSubscribe(Flow.Subscription opened) {
      subscription.complete(opened);
      opened.request(3);
    }

    @Override
    public void onNext(WatchUpdate update) {
      heard.take(update);
    }

    @Override
    public void onError(Throwable failure) {
      throw new AssertionError(failure);
    }

    @Override
    public void onComplete() {}
  }

  /** Hears a little, goes away, and comes back with the revision it remembers. */
  private void resume(
      QuorateClient client, Heard heard, AtomicInteger resumes, AtomicBoolean goOn) {
    while (goOn.get()) {
      CompletableFuture<Void> enough = new CompletableFuture<>();
      int before = heard.events.size();
      WatchOptions options = WatchOptions.DEFAULT
          .from(heard.revision + 1)
          .withPrevious()
          .withProgressEvery(Duration.ofMillis(200));
      try (Watch watch = client.watch(KeyRange.ALL, options, update -> {
        if (!enough.isDone()) {
          heard.take(update);
          if (heard.events.size() > before + 100 || update.isProgress()) {
            enough.complete(null);
          }
        }
      })) {
        watch.started().join();
        enough.join();
      }
      resumes.incrementAndGet();
    }
  }

  private static Bytes key(int number) {
    return Bytes.utf8(String.format("k%02d/x", number));
  }

  private void write(BlockingClient client, int writer) {
    Random own = new Random(writer);
    for (int i = 0; !over.get(); i++) {
      Bytes key = key(own.nextInt(KEYS / WRITERS) * WRITERS + writer);
      Bytes value = Bytes.utf8("w" + writer + "-" + i);
      try {
        if (own.nextInt(10) == 0) {
          var deleted = client.delete(key);
          if (deleted.deleted() > 0) {
            acked.add(new Acked(deleted.revision(), key, Optional.empty()));
            ackedCount.incrementAndGet();
          }
        } else {
          acked.add(new Acked(client.put(key, value).revision(), key, Optional.of(value)));
          ackedCount.incrementAndGet();
        }
      } catch (OutcomeUnknownException e) {
        LOG.debug("unknown: {}", e.getMessage());
      } catch (QuorateException e) {
        LOG.info("not written: {}", e.getMessage());
      }
    }
  }

  private void afterWrites(int more) {
    int wanted = ackedCount.get() + more;
    Awaitility.await().atMost(PATIENCE).until(() -> ackedCount.get() >= wanted);
  }

  // ------------------------------------------------------------------ disasters

  private void disasters(EmbeddedCluster cluster) {
    Disturbance disturbance = new Disturbance(cluster);
    for (int round = 0; round < 3; round++) {
      disturbance.split(key(5 + round * 11));
      afterWrites(200);
      for (int i = 0; i < 4; i++) {
        disturbance.tryTransfer(random);
        afterWrites(100);
      }
      int victim = 1 + round;
      cluster.killStore(victim);
      afterWrites(200);
      cluster.startStore(victim);
      afterWrites(300);
    }
  }

  // ------------------------------------------------------------------ judgement

  private void checkHistory(BlockingClient client, List<WatchEvent> history, long last) {
    long before = 0;
    Set<String> known = new HashSet<>();
    Map<Bytes, WatchEvent> newest = new HashMap<>();
    int reads = 0;
    for (WatchEvent event : history) {
      assertThat(event.revision()).as("InOrder").isGreaterThanOrEqualTo(before);
      before = event.revision();
      assertThat(known.add(name(event.revision(), event.key()))).as("Once").isTrue();
      WatchEvent earlier = newest.put(event.key(), event);
      assertThat(event.previous()).as("Previous of %s", event).isEqualTo(value(earlier));
      if (random.nextInt(4) == 0) {
        reads++;
        assertThat(read(client, event.key(), event.revision())).isEqualTo(value(event));
        assertThat(read(client, event.key(), event.revision() - 1))
            .as("NothingBetween %s and %s", earlier, event)
            .isEqualTo(value(earlier));
      }
    }
    for (Acked one : acked) {
      assertThat(known).as("Acknowledged %s", one).contains(name(one.revision(), one.key()));
    }
    newest.forEach((key, event) ->
        assertThat(read(client, key, last)).as("Newest of %s", key).isEqualTo(value(event)));
    assertThat(reads).isGreaterThan(200);
  }

  private static String name(long revision, Bytes key) {
    return revision + " " + key;
  }

  private static Optional<KeyValue> value(WatchEvent event) {
    return event == null || event.type() == WatchEvent.Type.DELETE
        ? Optional.empty()
        : Optional.of(event.kv());
  }

  private static Optional<KeyValue> read(BlockingClient client, Bytes key, long revision) {
    if (revision == 0) {
      return Optional.empty();
    }
    RangeResult found = client.range(KeyRange.single(key), RangeOptions.DEFAULT.at(revision));
    return found.kvs().stream().findFirst();
  }

  private static List<String> withoutPrevious(List<WatchEvent> events) {
    return events.stream().map(event -> event.type() + " " + event.kv()).toList();
  }
}
