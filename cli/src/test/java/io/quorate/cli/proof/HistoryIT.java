package io.quorate.cli.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quorate.cli.LocalClusterHost;
import io.quorate.client.ClientConfig;
import io.quorate.client.KeyValue;
import io.quorate.client.QuorateClient;
import io.quorate.client.QuorateException;
import io.quorate.client.RangeOptions;
import io.quorate.client.RefusedException;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.proto.RefusalCode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real processes, overwritten and compacted all the time, and killed without warning: what was read at a retained revision is
 * read again and again, below the compacted one nothing is.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HistoryIT {
  /** More of them by {@code -Dquorate.compaction.cycles=100}. */
  private static final int CYCLES = Integer.getInteger("quorate.compaction.cycles", 3);

  private static final int KEYS = 300;
  private static final int WRITERS = 4;
  private static final Duration SERVES_AGAIN = Duration.ofSeconds(60);

  @TempDir
  static Path directory;

  private LocalClusterHost cluster;
  private QuorateClient client;

  @BeforeAll
  void start() {
    cluster = LocalClusterHost.at(directory, 3, 1, FreeBase.port(), List.of("key-100", "key-200"));
    cluster.start();
    client = QuorateClient.open(ClientConfig.of(cluster.pdAddresses())
        .withTimeouts(Duration.ofSeconds(20), Duration.ofSeconds(2)));
  }

  @AfterAll
  void stop() {
    client.close();
    cluster.stop();
  }

  private static Bytes key(int number) {
    return Bytes.utf8(String.format("key-%03d", number));
  }

  private void write(Random random, AtomicLong written) {
    Bytes key = key(random.nextInt(KEYS));
    try {
      if (random.nextInt(10) == 0) {
        client.delete(key).join();
      } else {
        client.put(key, Bytes.utf8("v" + random.nextLong() + ".".repeat(200))).join();
      }
      written.incrementAndGet();
    } catch (CompletionException e) {
      // Of unknown outcome, or not done: what counts is what is read.
      assertThat(e.getCause()).isInstanceOf(QuorateException.class);
    }
  }

  private List<KeyValue> at(long revision) {
    return client.range(KeyRange.ALL, RangeOptions.DEFAULT.at(revision)).join().kvs();
  }

  private List<KeyValue> readAgain(long revision) {
    return await()
        .atMost(SERVES_AGAIN)
        .ignoreExceptionsMatching(HistoryIT::mayPass)
        .until(() -> at(revision), found -> true);
  }

  private static boolean mayPass(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    return cause instanceof QuorateException && !(cause instanceof RefusedException);
  }

  private void refusedBelow(long compacted, Random random) {
    for (int i = 0; i < 10; i++) {
      Bytes key = key(random.nextInt(KEYS));
      long below = 1L + random.nextInt((int) compacted - 1);
      RefusedException refused =
          await().atMost(SERVES_AGAIN).until(() -> refusal(key, below), found -> found != null);
      assertThat(refused.code()).isEqualTo(RefusalCode.COMPACTED);
      assertThat(refused.getMessage())
          .isEqualTo("etcdserver: mvcc: required revision has been compacted");
      assertThat(refused.compacted()).isGreaterThanOrEqualTo(compacted);
    }
  }

  private RefusedException refusal(Bytes key, long revision) {
    try {
      throw new AssertionError("read below what is compacted, at " + revision + ": "
          + client
              .range(KeyRange.single(key), RangeOptions.DEFAULT.at(revision))
              .join());
    } catch (CompletionException e) {
      return e.getCause() instanceof RefusedException refused ? refused : null;
    }
  }

  @Test
  void whatIsRetainedNeverChangesAndWhatIsCompactedIsRefusedWhoeverIsKilled() throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    AtomicLong written = new AtomicLong();
    List<Thread> writers = new ArrayList<>();
    for (int i = 0; i < WRITERS; i++) {
      Random random = new Random(i);
      Thread writer = new Thread(() -> {
        while (!over.get()) {
          write(random, written);
        }
      });
      writers.add(writer);
      writer.start();
    }
    Random random = new Random(7);
    try {
      for (int cycle = 0; cycle < CYCLES; cycle++) {
        long before = written.get();
        await().atMost(SERVES_AGAIN).until(() -> written.get() > before + 300);
        long revision = client.snapshot().join().revision();
        List<KeyValue> expected = readAgain(revision);
        assertThat(expected).isNotEmpty();
        client.compact(revision).join();
        refusedBelow(revision, random);

        List<String> struck = random.nextInt(4) == 0
            ? cluster.pds()
            : List.of(cluster.stores().get(random.nextInt(3)));
        cluster.kill(struck);
        cluster.startMissing();
        for (int again = 0; again < 5; again++) {
          assertThat(readAgain(revision))
              .as("cycle %d, %s killed", cycle, struck)
              .isEqualTo(expected);
        }
        refusedBelow(revision, random);
        cluster.start();
      }
    } finally {
      over.set(true);
      for (Thread writer : writers) {
        writer.join();
      }
    }
    long last = client.snapshot().join().revision();
    List<KeyValue> expected = readAgain(last);
    client.compactAndRemove(last, SERVES_AGAIN).join();
    assertThat(readAgain(last)).isEqualTo(expected);
    long removed = client.placement().listStores().join().stream()
        .mapToLong(store -> store.getStats().getHistory().getRemoved())
        .sum();
    assertThat(removed).as("versions removed since the last starts").isPositive();
  }
}
