package io.quorate.cli.backup;

import io.quorate.client.KeyValue;
import io.quorate.client.OutcomeUnknownException;
import io.quorate.client.QuorateClient;
import io.quorate.client.QuorateException;
import io.quorate.client.RangeOptions;
import io.quorate.client.RefusedException;
import io.quorate.client.backup.BackupException;
import io.quorate.client.lease.Session;
import io.quorate.model.KeyRange;
import io.quorate.proto.RefusalCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Puts a backup into a new cluster: leases with all their time, keys with the revisions and versions they had; the revision counter
 * goes on above them, and what lay before the backup counts as compacted. One use, by one thread, which it blocks; others of its own write.
 */
public final class RestoreLoop {
  private static final int BATCH_KEYS = 1_000;
  private static final int BATCH_BYTES = 512 << 10;
  private static final int TRIES = 20;
  private static final int LEASES_AT_ONCE = 256;

  private final QuorateClient client;
  private final BackupSource store;
  private final int parallel;
  private final Pace pace;
  private final boolean resume;
  private final Consumer<String> progress;
  private final AtomicLong keys = new AtomicLong();

  /** What came of it. */
  public record Restored(long revision, long keys, long leases) {}

  /**
   * A restore of a whole backup.
   *
   * @param from a backup's directory, or the file of a snapshot
   * @param resume go on with one that broke off; else the cluster must be without keys
   */
  public RestoreLoop(
      QuorateClient client,
      Path from,
      int parallel,
      long bytesPerSecond,
      boolean resume,
      Consumer<String> progress) {
    this.client = client;
    this.store = Files.isRegularFile(from) ? new SnapshotSource(from) : BackupStore.open(from);
    this.parallel = parallel;
    this.pace = new Pace(bytesPerSecond, System::nanoTime);
    this.resume = resume;
    this.progress = progress;
  }

  /** Throws {@link BackupException} or what the client throws; then what is there may be gone on with. */
  public Restored run() {
    Manifest manifest = store.manifest();
    // Before anything is written: half a backup shall not be put back.
    manifest.files().forEach(store::verify);
    try (BarrierLoop barrier = new BarrierLoop(client.placement().history(), "restore")) {
      if (!resume && hasKeys()) {
        throw new BackupException(
            "the cluster has keys: restore into a new one, or go on with a restore by --resume");
      }
      client.placement().history().raiseRevision(manifest.revision() + 1).join();
      List<Session> leases = grant(manifest.leases());
      Set<Long> granted = leases.stream().map(Session::id).collect(Collectors.toSet());
      List<Callable<Long>> jobs = new ArrayList<>();
      manifest.files().forEach(file -> jobs.add(() -> restore(barrier, file, granted)));
      Together.run(
          parallel, jobs, () -> progress.accept(keys.get() + " of " + manifest.keys() + " keys"));
      long here = client.count(KeyRange.ALL).join();
      if (here != manifest.keys()) {
        throw new BackupException("the backup has " + manifest.keys() + " keys, the cluster has "
            + here + ": somebody else writes to it");
      }
      // Last: what is restored must not count as removed while it still comes.
      compact(manifest.revision() + 1);
      // From now on they live as long as their owners keep them alive.
      leases.forEach(Session::close);
      return new Restored(manifest.revision(), here, leases.size());
    }
  }

  /** Grants leases with the ids and times they had, and keeps them alive meanwhile: all their time is left at the end. */
  private List<Session> grant(List<Manifest.BackupLease> leases) {
    List<Session> kept = new ArrayList<>();
    for (int from = 0; from < leases.size(); from += LEASES_AT_ONCE) {
      List<CompletableFuture<Session>> asked = new ArrayList<>();
      for (Manifest.BackupLease lease :
          leases.subList(from, Math.min(leases.size(), from + LEASES_AT_ONCE))) {
        asked.add(grant(lease));
      }
      asked.forEach(each -> kept.add(each.join()));
    }
    return kept;
  }

  private CompletableFuture<Session> grant(Manifest.BackupLease lease) {
    return client
        .leases()
        .grant(lease.ttlSeconds(), lease.id())
        .handle((granted, failure) -> failure)
        .thenCompose(failure -> {
          // It is there already: of a restore that broke off, or of a grant whose answer was lost.
          boolean there = failure == null
              || (cause(failure) instanceof RefusedException refused
                  && refused.code() == RefusalCode.LEASE_EXISTS)
              || cause(failure) instanceof OutcomeUnknownException;
          return there
              ? client.leases().keepAlive(lease.id())
              : CompletableFuture.failedFuture(cause(failure));
        });
  }

  private static Throwable cause(Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }

  private boolean hasKeys() {
    return !client
        .range(KeyRange.ALL, RangeOptions.DEFAULT.withLimit(1).withKeysOnly().withoutCount())
        .join()
        .kvs()
        .isEmpty();
  }

  /** There is no history of before the backup. */
  private void compact(long revision) {
    try {
      client.compact(revision).join();
    } catch (CompletionException e) {
      boolean done =
          e.getCause() instanceof RefusedException refused && refused.compacted() >= revision;
      if (!done) {
        throw e;
      }
    }
  }

  private Long restore(BarrierLoop barrier, Manifest.BackupFile file, Set<Long> granted) {
    List<KeyValue> batch = new ArrayList<>();
    long[] bytes = {0};
    store.read(file, kvs -> {
      for (KeyValue kv : kvs) {
        // Of leases that the source does not tell of, as a snapshot's, keys are put back without.
        batch.add(granted.contains(kv.lease()) ? kv : kv.withLease(0));
        bytes[0] += kv.key().length() + kv.value().length() + 64;
        if (batch.size() >= BATCH_KEYS || bytes[0] >= BATCH_BYTES) {
          write(barrier, batch, bytes[0]);
          batch.clear();
          bytes[0] = 0;
        }
      }
    });
    write(barrier, batch, bytes[0]);
    return file.keys();
  }

  private void write(BarrierLoop barrier, List<KeyValue> batch, long bytes) {
    barrier.check();
    for (int tries = 1; ; tries++) {
      try {
        client.restore(List.copyOf(batch)).join();
        keys.addAndGet(batch.size());
        LockSupport.parkNanos(pace.done(bytes));
        return;
      } catch (CompletionException e) {
        boolean again =
            e.getCause() instanceof QuorateException && !(e.getCause() instanceof RefusedException);
        if (!again || tries == TRIES) {
          throw e;
        }
      }
    }
  }
}
