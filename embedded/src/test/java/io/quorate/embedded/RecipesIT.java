package io.quorate.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.client.KeyValue;
import io.quorate.client.QuorateClient;
import io.quorate.client.RangeOptions;
import io.quorate.client.TxnOp;
import io.quorate.client.lease.Session;
import io.quorate.client.recipe.Barrier;
import io.quorate.client.recipe.CachedPrefix;
import io.quorate.client.recipe.Election;
import io.quorate.client.recipe.FairLock;
import io.quorate.client.recipe.FairReadWriteLock;
import io.quorate.client.recipe.Held;
import io.quorate.client.recipe.Loss;
import io.quorate.client.recipe.LostException;
import io.quorate.client.recipe.Semaphore;
import io.quorate.client.recipe.ServiceRegistry;
import io.quorate.client.recipe.WorkQueue;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Recipes among threads and clients that contend, die and give up, while their regions are cut and a store is restarted. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RecipesIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  /** Long enough for a leader to be lost and found on a busy machine. */
  private static final int LONG_TTL = 60;

  private static final int SHORT_TTL = 2;

  private EmbeddedCluster cluster;
  private QuorateClient client;

  @BeforeAll
  void start() {
    cluster = EmbeddedCluster.builder().stores(3).start();
    client = cluster.client();
  }

  @AfterAll
  void stop() {
    cluster.close();
  }

  private static Bytes name(String text) {
    return Bytes.utf8(text);
  }

  /** Cuts regions in the middle of these names, one after another, and restarts a store. */
  private void disturb(String... splitKeys) {
    for (String key : splitKeys) {
      client
          .placement()
          .admin()
          .split(List.of(Bytes.utf8(key)), /* scatter= */ true)
          .join();
    }
    cluster.killStore(2);
    cluster.startStore(2);
  }

  private static <T> T within(CompletableFuture<T> future) {
    return future.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
  }

  private static void all(List<Future<?>> running) throws Exception {
    for (Future<?> each : running) {
      each.get(PATIENCE.toSeconds() * 2, TimeUnit.SECONDS);
    }
  }

  @Test
  void aLockIsHadByOneAtATimeWhileItsRegionIsCutAndAStoreDies() throws Exception {
    FairLock lock = new FairLock(client, name("lock"));
    AtomicInteger inside = new AtomicInteger();
    AtomicLong lastToken = new AtomicLong();
    AtomicInteger turns = new AtomicInteger();
    AtomicBoolean over = new AtomicBoolean();
    ExecutorService threads = Executors.newFixedThreadPool(8);
    List<Future<?>> running = new ArrayList<>();
    try (QuorateClient other = QuorateClient.connect(cluster.pdAddresses())) {
      for (int i = 0; i < 8; i++) {
        QuorateClient own = i % 2 == 0 ? client : other;
        FairLock mine = own == client ? lock : new FairLock(other, name("lock"));
        running.add(threads.submit(() -> {
          Session session = within(own.leases().session(LONG_TTL));
          while (!over.get()) {
            Held held = within(mine.acquire(session));
            assertThat(inside.incrementAndGet()).isEqualTo(1);
            // Tokens go up, whoever has it.
            assertThat(held.token()).isGreaterThan(lastToken.getAndSet(held.token()));
            turns.incrementAndGet();
            inside.decrementAndGet();
            within(held.release());
          }
          within(session.end());
        }));
      }
      Awaitility.await().atMost(PATIENCE).until(() -> turns.get() > 40);
      // Session ids have sixteen hexadecimal digits, of which the first is 0 to 7.
      disturb("lock/2", "lock/4", "lock/6");
      int before = turns.get();
      Awaitility.await().atMost(PATIENCE).until(() -> turns.get() > before + 40);
      over.set(true);
      all(running);
    } finally {
      threads.shutdownNow();
    }
    assertThat(client.blocking().count(KeyRange.prefix(name("lock/")))).isZero();
  }

  @Test
  void whoDiesLosesTheLockAndWhatHeStillWritesIsRefused() {
    QuorateClient dying = QuorateClient.connect(cluster.pdAddresses());
    Session doomed = within(dying.leases().session(SHORT_TTL));
    Held lost = within(new FairLock(dying, name("fenced")).acquire(doomed));
    Session session = within(client.leases().session(LONG_TTL));
    FairLock lock = new FairLock(client, name("fenced"));
    CompletableFuture<Held> waiting = lock.acquire(session);
    assertThat(within(lock.tryAcquire(session))).isEmpty();

    dying.close();

    Held next = within(waiting);
    assertThat(within(lost.lost())).isIn(Loss.SESSION_CLOSED, Loss.LEASE_GONE, Loss.UNPROVEN);
    assertThat(lost.isHeld()).isFalse();
    assertThat(next.token()).isGreaterThan(lost.token());
    TxnOp write = TxnOp.put(name("fenced/by-lock"), name("v"));
    assertThat(within(client.txn().when(lost.guard()).then(write).commit()).succeeded())
        .isFalse();
    assertThat(within(client.txn().when(next.guard()).then(write).commit()).succeeded())
        .isTrue();
    within(session.end());
  }

  @Test
  void whoLosesHisSessionWhileHeWaitsOrHoldsIsTold() {
    Session holder = within(client.leases().session(LONG_TTL));
    Session waiter = within(client.leases().session(LONG_TTL));
    FairLock lock = new FairLock(client, name("told"));
    Held held = within(lock.acquire(holder));
    CompletableFuture<Held> waiting = lock.acquire(waiter);
    within(client.leases().revoke(waiter.id()));
    assertThatThrownBy(() -> within(waiting))
        .cause()
        .isInstanceOfSatisfying(
            LostException.class, lost -> assertThat(lost.why()).isEqualTo(Loss.LEASE_GONE));
    within(client.leases().revoke(holder.id()));
    assertThat(within(held.lost())).isIn(Loss.LEASE_GONE, Loss.KEY_GONE);

    // A key that somebody deletes is a lock that is lost, though the session lives.
    Session third = within(client.leases().session(LONG_TTL));
    Held deleted = within(lock.acquire(third));
    within(client.delete(deleted.key()));
    assertThat(within(deleted.lost())).isEqualTo(Loss.KEY_GONE);
    assertThat(third.isLost()).isFalse();
    within(third.end());
  }

  @Test
  void whoGivesUpLeavesTheLine() {
    Session session = within(client.leases().session(LONG_TTL));
    FairLock lock = new FairLock(client, name("line"));
    Held held = within(lock.acquire(session));
    CompletableFuture<Held> patient = lock.acquire(session);
    CompletableFuture<Held> impatient = lock.acquire(session);
    CompletableFuture<Held> last = lock.acquire(session);
    Awaitility.await()
        .atMost(PATIENCE)
        .until(() -> client.blocking().count(KeyRange.prefix(name("line/"))) == 4);
    impatient.cancel(true);
    Awaitility.await()
        .atMost(PATIENCE)
        .until(() -> client.blocking().count(KeyRange.prefix(name("line/"))) == 3);
    within(held.release());
    // Whichever of the two came first goes first.
    Held next = within(CompletableFuture.anyOf(patient, last).thenApply(Held.class::cast));
    within(next.release());
    within(CompletableFuture.allOf(patient, last));
    within(session.end());
    assertThat(client.blocking().count(KeyRange.prefix(name("line/")))).isZero();
  }

  @Test
  void readersShareAndWritersExclude() throws Exception {
    FairReadWriteLock lock = new FairReadWriteLock(client, name("rw"));
    AtomicInteger readers = new AtomicInteger();
    AtomicInteger writers = new AtomicInteger();
    AtomicInteger together = new AtomicInteger();
    ExecutorService threads = Executors.newFixedThreadPool(6);
    List<Future<?>> running = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      boolean writes = i < 2;
      running.add(threads.submit(() -> {
        Session session = within(client.leases().session(LONG_TTL));
        for (int turn = 0; turn < 15; turn++) {
          Held held = within(writes ? lock.write(session) : lock.read(session));
          if (writes) {
            assertThat(writers.incrementAndGet()).isEqualTo(1);
            assertThat(readers.get()).isZero();
            writers.decrementAndGet();
          } else {
            together.accumulateAndGet(readers.incrementAndGet(), Math::max);
            assertThat(writers.get()).isZero();
            readers.decrementAndGet();
          }
          within(held.release());
        }
        within(session.end());
      }));
    }
    all(running);
    threads.shutdownNow();

    Session session = within(client.leases().session(LONG_TTL));
    Held one = within(lock.read(session));
    assertThat(within(lock.tryWrite(session))).isEmpty();
    Held other = within(lock.tryRead(session)).orElseThrow();
    CompletableFuture<Held> writer = lock.write(session);
    Awaitility.await()
        .atMost(PATIENCE)
        .until(() -> client.blocking().count(KeyRange.prefix(name("rw/w/"))) == 1);
    // A writer waits: readers who come now come after it.
    assertThat(within(lock.tryRead(session))).isEmpty();
    within(one.release());
    assertThat(writer).isNotDone();
    within(other.release());
    within(within(writer).release());
    within(session.end());
  }

  @Test
  void aSemaphoreHasSoManyPermits() throws Exception {
    Semaphore semaphore = new Semaphore(client, name("permits"), 3);
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    ExecutorService threads = Executors.newFixedThreadPool(6);
    List<Future<?>> running = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      running.add(threads.submit(() -> {
        Session session = within(client.leases().session(LONG_TTL));
        for (int turn = 0; turn < 10; turn++) {
          Held held = within(semaphore.acquire(session));
          most.accumulateAndGet(inside.incrementAndGet(), Math::max);
          inside.decrementAndGet();
          within(held.release());
        }
        within(session.end());
      }));
    }
    all(running);
    threads.shutdownNow();
    assertThat(most.get()).isBetween(1, 3);

    Session session = within(client.leases().session(LONG_TTL));
    List<Held> all = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      all.add(within(semaphore.acquire(session)));
    }
    assertThat(within(semaphore.tryAcquire(session))).isEmpty();
    assertThatThrownBy(() -> within(new Semaphore(client, name("permits"), 4).acquire(session)))
        .cause()
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("has 3 permits for others, not 4");
    all.forEach(held -> within(held.release()));
    assertThat(within(semaphore.tryAcquire(session))).isPresent();
    within(session.end());
  }

  @Test
  void theNextLeadsWhenTheLeaderDiesAndObserversHearOfEach() {
    List<String> heard = new ArrayList<>();
    Election election = new Election(client, name("election"));
    CachedPrefix observed = within(election.observe(
        leader -> {
          synchronized (heard) {
            heard.add(leader.map(kv -> kv.value().toUtf8()).orElse("nobody"));
          }
        },
        why -> heard.add(why.toString())));
    QuorateClient dying = QuorateClient.connect(cluster.pdAddresses());
    Session doomed = within(dying.leases().session(SHORT_TTL));
    Held first = within(new Election(dying, name("election")).campaign(doomed, name("a")));
    Session session = within(client.leases().session(LONG_TTL));
    CompletableFuture<Held> candidate = election.campaign(session, name("b"));
    assertThat(within(election.leader()).orElseThrow().createRevision()).isEqualTo(first.token());

    dying.close();
    Held second = within(candidate);
    within(election.proclaim(second, name("c")));
    // The one that died comes back and thinks that it leads.
    assertThatThrownBy(() -> within(election.proclaim(first, name("x"))))
        .cause()
        .isInstanceOf(LostException.class);
    within(second.release());
    Awaitility.await().atMost(PATIENCE).untilAsserted(() -> {
      synchronized (heard) {
        assertThat(heard).last().isEqualTo("nobody");
      }
    });
    synchronized (heard) {
      // Several changes may be told as one, but never out of order.
      assertThat(List.of("nobody", "a", "b", "c", "nobody")).containsSubsequence(heard);
    }
    observed.close();
    within(session.end());
  }

  @Test
  void aBarrierLetsNobodyPassUntilItIsOpenedOrItsSessionDies() {
    Barrier barrier = new Barrier(client, name("gate"));
    assertThat(within(barrier.pass())).isPositive();
    assertThat(within(barrier.shut())).isTrue();
    assertThat(within(barrier.shut())).isFalse();
    List<CompletableFuture<Long>> waiting = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      waiting.add(barrier.pass());
    }
    assertThat(waiting).noneMatch(CompletableFuture::isDone);
    within(barrier.open());
    waiting.forEach(RecipesIT::within);
    Session session = within(client.leases().session(LONG_TTL));
    within(barrier.shut(session));
    CompletableFuture<Long> last = barrier.pass();
    within(session.end());
    within(last);
  }

  @Test
  void eachItemIsDoneOnceAlthoughWorkersDie() throws Exception {
    int items = 120;
    WorkQueue queue = new WorkQueue(client, name("work"));
    Map<String, AtomicInteger> done = new ConcurrentHashMap<>();
    AtomicBoolean over = new AtomicBoolean();
    ExecutorService threads = Executors.newFixedThreadPool(5);
    List<Future<?>> running = new ArrayList<>();
    CountDownLatch begun = new CountDownLatch(1);
    for (int worker = 0; worker < 4; worker++) {
      boolean dies = worker == 0;
      running.add(threads.submit(() -> {
        while (!over.get()) {
          Session session = within(client.leases().session(dies ? SHORT_TTL : LONG_TTL));
          for (int i = 0; i < 5 && !over.get(); i++) {
            CompletableFuture<WorkQueue.Item> taking = queue.take(session);
            WorkQueue.Item item;
            try {
              item = taking.orTimeout(2, TimeUnit.SECONDS).join();
            } catch (java.util.concurrent.CompletionException e) {
              continue;
            }
            begun.countDown();
            if (dies && i == 2) {
              // It dies with the item in its hands: the lease takes the claim with it.
              break;
            }
            within(item.done());
            done.computeIfAbsent(item.value().toUtf8(), key -> new AtomicInteger())
                .incrementAndGet();
          }
          session.close();
        }
      }));
    }
    for (int i = 0; i < items; i++) {
      within(queue.put(name("item-" + i)));
      if (i == items / 2) {
        begun.await();
        disturb("work/00000000000000");
      }
    }
    Awaitility.await().atMost(PATIENCE).until(() -> done.size() == items);
    over.set(true);
    all(running);
    threads.shutdownNow();
    assertThat(done.values()).allMatch(times -> times.get() == 1);
    assertThat(within(queue.size())).isZero();
  }

  @Test
  void aQueueIsFirstInFirstOut() {
    WorkQueue queue = new WorkQueue(client, name("fifo"));
    Session session = within(client.leases().session(LONG_TTL));
    CompletableFuture<WorkQueue.Item> early = queue.take(session);
    for (int i = 0; i < 20; i++) {
      within(queue.put(name("item-" + i)));
    }
    assertThat(within(early).value()).isEqualTo(name("item-0"));
    List<WorkQueue.Item> taken = new ArrayList<>();
    for (int i = 1; i < 20; i++) {
      WorkQueue.Item item = within(queue.take(session));
      assertThat(item.value()).isEqualTo(name("item-" + i));
      taken.add(item);
    }
    // Given back, it is the first again.
    taken.get(3).close();
    assertThat(within(queue.take(session)).value()).isEqualTo(taken.get(3).value());
    within(session.end());
    assertThat(within(queue.size())).isEqualTo(20);
  }

  @Test
  void aRegistryListsWhoLives() {
    ServiceRegistry registry = new ServiceRegistry(client, name("registry"));
    CachedPrefix instances = within(registry.instances("api", view -> {}));
    QuorateClient dying = QuorateClient.connect(cluster.pdAddresses());
    Session doomed = within(dying.leases().session(SHORT_TTL));
    within(new ServiceRegistry(dying, name("registry"))
        .register(doomed, "api", "a", name("10.0.0.1")));
    Session session = within(client.leases().session(LONG_TTL));
    Held own = within(registry.register(session, "api", "b", name("10.0.0.2")));
    within(instances.sync());
    assertThat(values(instances.view())).containsExactly("10.0.0.1", "10.0.0.2");

    // An instance that was restarted takes its name back before its old lease is over.
    Session again = within(client.leases().session(LONG_TTL));
    Held restarted = within(registry.register(again, "api", "b", name("10.0.0.3")));
    assertThat(within(own.lost())).isEqualTo(Loss.KEY_GONE);
    assertThatThrownBy(() -> within(registry.update(own, name("10.0.0.4"))))
        .cause()
        .isInstanceOf(LostException.class);
    within(own.release());
    within(registry.update(restarted, name("10.0.0.5")));
    within(instances.sync());
    assertThat(values(instances.view())).containsExactly("10.0.0.1", "10.0.0.5");

    dying.close();
    Awaitility.await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(values(instances.view())).containsExactly("10.0.0.5"));
    within(restarted.release());
    within(instances.sync());
    assertThat(instances.view().keys()).isEmpty();
    instances.close();
    within(session.end());
    within(again.end());
  }

  private static List<String> values(CachedPrefix.View view) {
    return view.keys().values().stream().map(kv -> kv.value().toUtf8()).toList();
  }

  @Test
  void aCopyIsAlwaysTheRangeAsItWasAtOneRevision() throws Exception {
    KeyRange range = KeyRange.prefix(name("copy/"));
    List<CachedPrefix.View> views = java.util.Collections.synchronizedList(new ArrayList<>());
    CachedPrefix copy =
        within(CachedPrefix.open(client, range, CachedPrefix.Limits.DEFAULT, views::add));
    AtomicBoolean over = new AtomicBoolean();
    AtomicInteger written = new AtomicInteger();
    ExecutorService threads = Executors.newFixedThreadPool(3);
    List<Future<?>> running = new ArrayList<>();
    for (int writer = 0; writer < 3; writer++) {
      int number = writer;
      running.add(threads.submit(() -> {
        for (int i = 0; !over.get(); i++) {
          Bytes key = name("copy/" + (i * 7 + number) % 40);
          if (i % 5 == 4) {
            within(client.delete(key));
          } else {
            client.put(key, name("v" + i)).exceptionally(unknown -> null).join();
          }
          written.incrementAndGet();
        }
      }));
    }
    Awaitility.await().atMost(PATIENCE).until(() -> written.get() > 100);
    disturb("copy/1", "copy/2", "copy/3");
    int before = written.get();
    Awaitility.await().atMost(PATIENCE).until(() -> written.get() > before + 200);
    over.set(true);
    all(running);
    threads.shutdownNow();
    within(copy.sync());
    assertThat(List.copyOf(copy.view().keys().values()))
        .isEqualTo(client.blocking().range(range).kvs());
    // Some of what it was on the way, against history.
    List<CachedPrefix.View> seen = List.copyOf(views);
    assertThat(seen.stream().map(CachedPrefix.View::revision).toList()).isSorted();
    for (int i = 0; i < seen.size(); i += Math.max(1, seen.size() / 50)) {
      CachedPrefix.View view = seen.get(i);
      List<KeyValue> then = client
          .blocking()
          .range(range, RangeOptions.DEFAULT.at(view.revision()))
          .kvs();
      assertThat(List.copyOf(view.keys().values())).isEqualTo(then);
    }
    copy.close();
    assertThatThrownBy(() -> within(copy.await(Long.MAX_VALUE)))
        .cause()
        .hasMessage("the copy was closed");
  }

  @Test
  void aCopyThatWouldGrowTooLargeSaysSo() {
    CompletableFuture<Throwable> told = new CompletableFuture<>();
    CachedPrefix copy = within(CachedPrefix.open(
        client,
        KeyRange.prefix(name("large/")),
        new CachedPrefix.Limits(2_000),
        new CachedPrefix.Listener() {
          @Override
          public void onChange(CachedPrefix.View view) {}

          @Override
          public void onEnd(Throwable why) {
            told.complete(why);
          }
        }));
    for (int i = 0; i < 12; i++) {
      within(client.put(name("large/" + i), name("v")));
    }
    assertThat(within(told)).hasMessageContaining("more than the 2000 bytes");
    assertThat(Optional.of(
            copy.view().keys().keySet().stream().map(Bytes::toUtf8).collect(Collectors.toSet())))
        .isPresent();
  }
}
