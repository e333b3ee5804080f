package io.quorate.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.client.KeyValue;
import io.quorate.client.QuorateClient;
import io.quorate.client.TxnOp;
import io.quorate.client.TxnResult;
import io.quorate.client.lease.Session;
import io.quorate.client.recipe.Barrier;
import io.quorate.client.recipe.CachedPrefix;
import io.quorate.client.recipe.Election;
import io.quorate.client.recipe.FairLock;
import io.quorate.client.recipe.FairReadWriteLock;
import io.quorate.client.recipe.Held;
import io.quorate.client.recipe.Loss;
import io.quorate.client.recipe.Semaphore;
import io.quorate.client.recipe.ServiceRegistry;
import io.quorate.client.recipe.WorkQueue;
import io.quorate.embedded.junit.WithQuorate;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The examples of docs/recipes.md, which must be these, word for word, and must run. */
@WithQuorate
class RecipesTourIT {
  @Test
  void lock(QuorateClient client) {
    // tag::lock[]
    Session session = client.leases().session(10).join();
    FairLock lock = new FairLock(client, Bytes.utf8("locks/report"));
    try (Held held = lock.acquire(session).orTimeout(60, TimeUnit.SECONDS).join()) {
      // Others wait. Whoever must not write twice fences his write: it fails once the lock is lost.
      TxnResult written = client
          .txn()
          .when(held.guard())
          .then(TxnOp.put(Bytes.utf8("locks/report/result"), Bytes.utf8("42")))
          .commit()
          .join();
      if (!written.succeeded()) {
        throw new IllegalStateException("lost: " + held.lost().join());
      }
    }
    // end::lock[]
    assertThat(client.blocking().get(Bytes.utf8("locks/report/result"))).isPresent();
    session.end().join();
  }

  @Test
  void readWriteLock(QuorateClient client) {
    Session session = client.leases().session(10).join();
    // tag::readwrite[]
    FairReadWriteLock lock = new FairReadWriteLock(client, Bytes.utf8("locks/catalogue"));
    Held one = lock.read(session).join();
    Held other = lock.read(session).join(); // readers share it
    CompletableFuture<Held> writer = lock.write(session); // waits for both
    one.release().join();
    other.release().join();
    try (Held alone = writer.join()) {
      assertThat(alone.token()).isGreaterThan(other.token());
    }
    // end::readwrite[]
    session.end().join();
  }

  @Test
  void election(QuorateClient client) throws Exception {
    // tag::election[]
    Election election = new Election(client, Bytes.utf8("elections/primary"));
    BlockingQueue<Optional<KeyValue>> heard = new LinkedBlockingQueue<>();
    CachedPrefix observed =
        election.observe(heard::add, Throwable::printStackTrace).join();

    Session session = client.leases().session(10).join();
    Held leadership = election.campaign(session, Bytes.utf8("10.0.0.1")).join();
    election.proclaim(leadership, Bytes.utf8("10.0.0.1, warm")).join();
    // It leads until it resigns, or this completes: then it must stop at once.
    CompletableFuture<Loss> lost = leadership.lost();
    leadership.release().join();
    assertThat(lost.join()).isEqualTo(Loss.RELEASED);
    observed.close();
    // end::election[]
    List<String> told = new ArrayList<>();
    for (Optional<KeyValue> each = heard.poll(10, TimeUnit.SECONDS);
        each != null;
        each = heard.poll()) {
      told.add(each.map(kv -> kv.value().toUtf8()).orElse("nobody"));
    }
    assertThat(told).first().isEqualTo("nobody");
    session.end().join();
  }

  @Test
  void semaphore(QuorateClient client) {
    Session session = client.leases().session(10).join();
    // tag::semaphore[]
    Semaphore downloads = new Semaphore(client, Bytes.utf8("limits/downloads"), 2);
    Held first = downloads.acquire(session).join();
    Held second = downloads.acquire(session).join();
    assertThat(downloads.tryAcquire(session).join()).isEmpty();
    first.release().join();
    second.release().join();
    // end::semaphore[]
    session.end().join();
  }

  @Test
  void barrier(QuorateClient client) {
    // tag::barrier[]
    Barrier maintenance = new Barrier(client, Bytes.utf8("barriers/maintenance"));
    maintenance.shut().join();
    CompletableFuture<Long> passed = maintenance.pass(); // waits
    maintenance.open().join();
    long openAt = passed.join();
    // end::barrier[]
    assertThat(openAt).isPositive();
  }

  @Test
  void queue(QuorateClient client) {
    Session session = client.leases().session(10).join();
    // tag::queue[]
    WorkQueue mails = new WorkQueue(client, Bytes.utf8("queues/mails"));
    mails.put(Bytes.utf8("to: ada")).join();
    try (WorkQueue.Item mail = mails.take(session).join()) {
      System.out.println("sending " + mail.value());
      mail.done().join(); // without this, whoever comes next gets it
    }
    // end::queue[]
    assertThat(mails.size().join()).isZero();
    session.end().join();
  }

  @Test
  void registry(QuorateClient client) {
    Session session = client.leases().session(10).join();
    // tag::registry[]
    ServiceRegistry registry = new ServiceRegistry(client, Bytes.utf8("services"));
    Held listed =
        registry.register(session, "api", "a1", Bytes.utf8("10.0.0.1:80")).join();
    CachedPrefix apis = registry
        .instances("api", view -> System.out.println(view.keys().size() + " instances"))
        .join();
    assertThat(apis.view().keys()).hasSize(1);
    listed.release().join();
    apis.sync().join(); // waits for what was acknowledged before
    assertThat(apis.view().keys()).isEmpty();
    apis.close();
    // end::registry[]
    session.end().join();
  }

  @Test
  void cache(QuorateClient client) {
    // tag::cache[]
    CachedPrefix settings = CachedPrefix.open(
            client,
            KeyRange.prefix(Bytes.utf8("settings/")),
            CachedPrefix.Limits.DEFAULT,
            view -> System.out.println("settings as of revision " + view.revision()))
        .join();
    long revision =
        client.put(Bytes.utf8("settings/colour"), Bytes.utf8("green")).join().revision();
    settings.await(revision).join();
    assertThat(settings.get(Bytes.utf8("settings/colour")).orElseThrow().value())
        .isEqualTo(Bytes.utf8("green"));
    settings.close();
    // end::cache[]
  }

  @Test
  void theDocumentShowsWhatRunsHere() throws IOException {
    Path module = Path.of("").toAbsolutePath();
    String source =
        Files.readString(module.resolve("src/test/java/io/quorate/embedded/RecipesTourIT.java"));
    String document = Files.readString(module.resolveSibling("docs/recipes.md"));
    for (String tag : List.of(
        "lock", "readwrite", "election", "semaphore", "barrier", "queue", "registry", "cache")) {
      String begin = "// tag::" + tag + "[]\n";
      int from = source.indexOf(begin) + begin.length();
      String example = source
          .substring(from, source.indexOf("    // end::" + tag + "[]"))
          .stripTrailing()
          .stripIndent();
      assertThat(document).as(tag).contains(example);
    }
  }
}
