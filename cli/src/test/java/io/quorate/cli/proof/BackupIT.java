package io.quorate.cli.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.quorate.cli.backup.BackupLoop;
import io.quorate.cli.backup.RestoreLoop;
import io.quorate.client.KeyValue;
import io.quorate.client.PutOptions;
import io.quorate.client.QuorateClient;
import io.quorate.client.RangeOptions;
import io.quorate.client.RefusedException;
import io.quorate.client.backup.BackupException;
import io.quorate.client.lease.LeaseStatus;
import io.quorate.embedded.EmbeddedCluster;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.proto.RefusalCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A backup taken under load, put back into another cluster, and compared key by key. */
class BackupIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir
  Path directory;

  private static Bytes key(int number) {
    return Bytes.utf8(String.format("key-%04d", number));
  }

  private static Bytes leasedKey(int number) {
    return Bytes.utf8("leased-" + number);
  }

  private static List<KeyValue> at(QuorateClient client, long revision) {
    return client
        .range(KeyRange.ALL, RangeOptions.DEFAULT.at(revision).withBelowCompacted())
        .join()
        .kvs();
  }

  @Test
  void whatWasThereAtItsRevisionIsThereAgainAsItWas() throws Exception {
    Path backup = directory.resolve("backup");
    List<KeyValue> expected;
    List<Long> leases;
    long leased;
    long revision;
    try (EmbeddedCluster from = EmbeddedCluster.builder()
        .stores(3)
        .splitKeys(List.of(key(500), key(1500)))
        .start()) {
      QuorateClient client = from.client();
      Random random = new Random(1);
      for (int i = 0; i < 2_000; i++) {
        client
            .put(key(i), Bytes.utf8("first " + i + ".".repeat(random.nextInt(2_000))))
            .join();
      }
      leased = client.leases().session(30).join().id();
      long bare = client.leases().grant(500).join().id();
      for (int i = 0; i < 12; i++) {
        client
            .put(leasedKey(i), Bytes.utf8("leased"), PutOptions.DEFAULT.withLease(leased))
            .join();
      }
      leases = List.of(leased, bare);
      AtomicBoolean over = new AtomicBoolean();
      AtomicLong written = new AtomicLong();
      List<Thread> writers = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        Random own = new Random(i);
        Thread writer = new Thread(() -> {
          while (!over.get()) {
            Bytes key = key(own.nextInt(2_500));
            if (own.nextInt(4) == 0) {
              client.delete(key).join();
            } else {
              client.put(key, Bytes.utf8("later " + own.nextLong())).join();
            }
            written.incrementAndGet();
          }
        });
        writers.add(writer);
        writer.start();
      }
      await().atMost(PATIENCE).until(() -> written.get() > 300);
      Thread compactor = new Thread(() -> {
        while (!over.get()) {
          long newest = client.snapshot().join().revision();
          // Where nothing was written since the last time it is refused.
          client.compact(newest).exceptionally(refused -> null).join();
        }
      });
      compactor.start();
      // Slowly enough that compaction passes it again and again: the barrier must hold what it
      // reads.
      // What it shows is what a reader with a barrier of its own, older than the backup's, reads at
      // the same revision.
      client
          .placement()
          .history()
          .hold("test", "test", 0, Duration.ofMinutes(10))
          .join();
      BackupLoop.Taken taken = new BackupLoop(client, backup, 2, 400_000, text -> {}).run();
      revision = taken.revision();
      expected = at(client, revision);
      client.placement().history().release("test").join();
      over.set(true);
      for (Thread writer : writers) {
        writer.join();
      }
      compactor.join();
      assertThat(client.placement().history().show().join().getCompacted())
          .as("compacted while it was taken")
          .isGreaterThan(revision);
      assertThat(client.placement().history().show().join().getBarriersList()).isEmpty();
      assertThat(expected).hasSize((int) taken.keys()).isNotEmpty();
    }
    try (EmbeddedCluster to =
        EmbeddedCluster.builder().stores(1).splitKeys(List.of(key(900))).start()) {
      QuorateClient client = to.client();
      damagedIsRefused(client, backup);
      RestoreLoop.Restored restored =
          new RestoreLoop(client, backup, 2, 0, false, text -> {}).run();
      assertThat(restored.keys()).isEqualTo(expected.size());
      assertThat(restored.leases()).isEqualTo(2);
      assertThat(client.range(KeyRange.ALL).join().kvs()).isEqualTo(expected);
      assertThat(client.leases().list().join()).containsExactlyInAnyOrderElementsOf(leases);
      LeaseStatus status = client.leases().timeToLive(leased, true).join();
      assertThat(status.grantedTtlSeconds()).isEqualTo(30);
      assertThat(status.keys()).hasSize(12);

      assertThatThrownBy(() -> new RestoreLoop(client, backup, 2, 0, false, text -> {}).run())
          .isInstanceOf(BackupException.class)
          .hasMessageContaining("has keys");
      assertThat(new RestoreLoop(client, backup, 2, 0, true, text -> {}).run().keys())
          .as("again, over what is there already")
          .isEqualTo(expected.size());
      // It is a lease as any other: its keys go with it, and only they.
      client.leases().revoke(leased).join();
      long left = expected.stream().filter(kv -> kv.lease() != leased).count();
      assertThat(left).isEqualTo(expected.size() - 12);
      assertThat(client.count(KeyRange.ALL).join()).isEqualTo(left);

      long first = client.put(key(0), Bytes.utf8("new")).join().revision();
      assertThat(first).isGreaterThan(revision + 1);
      KeyValue again = client.get(key(0)).join().orElseThrow();
      expected.stream().filter(kv -> kv.key().equals(key(0))).findFirst().ifPresent(old -> {
        assertThat(again.createRevision()).isEqualTo(old.createRevision());
        assertThat(again.version()).isEqualTo(old.version() + 1);
      });
      assertThat(at(client, revision + 1)).isEqualTo(expected);
      assertThatThrownBy(() ->
              client.range(KeyRange.ALL, RangeOptions.DEFAULT.at(revision)).join())
          .isInstanceOf(CompletionException.class)
          .cause()
          .isInstanceOfSatisfying(
              RefusedException.class,
              refused -> assertThat(refused.code()).isEqualTo(RefusalCode.COMPACTED));
    }
  }

  /** A backup that lacks something, or holds something else, is none, and nothing of it is put back. */
  private void damagedIsRefused(QuorateClient client, Path backup) throws Exception {
    Path copy = directory.resolve("copy");
    Files.createDirectories(copy);
    List<Path> files;
    try (var found = Files.list(backup)) {
      files = found.sorted().toList();
    }
    for (Path file : files) {
      Files.copy(file, copy.resolve(file.getFileName()));
    }
    for (Path file : files) {
      Path damaged = copy.resolve(file.getFileName());
      byte[] bytes = Files.readAllBytes(file);
      bytes[bytes.length / 2] ^= 1;
      Files.write(damaged, bytes);
      refused(client, copy);
      Files.write(damaged, java.util.Arrays.copyOf(Files.readAllBytes(file), bytes.length / 2));
      refused(client, copy);
      Files.delete(damaged);
      refused(client, copy);
      Files.copy(file, damaged);
    }
    assertThat(client.count(KeyRange.ALL).join()).isZero();
  }

  private static void refused(QuorateClient client, Path backup) {
    assertThatThrownBy(() -> new RestoreLoop(client, backup, 2, 0, false, text -> {}).run())
        .isInstanceOf(BackupException.class);
  }
}
