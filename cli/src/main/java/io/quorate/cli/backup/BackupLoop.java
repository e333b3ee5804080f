package io.quorate.cli.backup;

import io.quorate.client.KeyValue;
import io.quorate.client.PageReader;
import io.quorate.client.QuorateClient;
import io.quorate.client.QuorateException;
import io.quorate.client.RangeOptions;
import io.quorate.client.RangeResult;
import io.quorate.client.RefusedException;
import io.quorate.client.backup.BackupException;
import io.quorate.client.lease.LeaseStatus;
import io.quorate.client.placement.Located;
import io.quorate.client.placement.RegionListing;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * Takes a backup: every key of all regions as of one revision, which a barrier holds meanwhile. Reads go where all reads go, so
 * splits, moves and lost stores do not matter. One use, by one thread, which it blocks; others of its own read.
 */
public final class BackupLoop {
  private static final Duration PAGE_TIMEOUT = Duration.ofSeconds(30);
  /** A page that is not answered is asked for again so often before the backup fails. */
  private static final int TRIES = 20;

  private static final int LEASES_AT_ONCE = 256;

  private final QuorateClient client;
  private final BackupStore store;
  private final int parallel;
  private final Pace pace;
  private final Consumer<String> progress;
  private final AtomicLong keys = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();
  /** Leases that keys name. */
  private final Set<Long> named = ConcurrentHashMap.newKeySet();

  /**
   * What came of it.
   *
   * @param bytes on disk
   */
  public record Taken(long revision, long keys, long leases, long bytes, int files) {}

  /**
   * A backup into a directory that is empty or not there.
   *
   * @param parallel ranges read at once
   * @param bytesPerSecond at most; 0: no limit
   * @param progress hears now and then how far it is
   */
  public BackupLoop(
      QuorateClient client,
      Path directory,
      int parallel,
      long bytesPerSecond,
      Consumer<String> progress) {
    this.client = client;
    this.store = BackupStore.create(directory);
    this.parallel = parallel;
    this.pace = new Pace(bytesPerSecond, System::nanoTime);
    this.progress = progress;
  }

  /** Throws {@link BackupException} or what the client throws; then there is no backup. */
  public Taken run() {
    try (BarrierLoop barrier = new BarrierLoop(client.placement().history(), "backup")) {
      Map<Long, Long> leases = leases(barrier.revision());
      List<KeyRange> parts = parts();
      List<Callable<Manifest.BackupFile>> jobs = new ArrayList<>();
      for (int i = 0; i < parts.size(); i++) {
        String name = String.format("keys-%06d.qbk", i + 1);
        KeyRange part = parts.get(i);
        jobs.add(() -> read(barrier, name, part));
      }
      List<Manifest.BackupFile> files = Together.run(parallel, jobs, () -> progress.accept(said()));
      barrier.check();
      // Of a key whose lease ended meanwhile only the name of the lease is known.
      named.forEach(lease -> leases.putIfAbsent(lease, 0L));
      Manifest manifest = new Manifest(
          Manifest.FORMAT,
          Long.toHexString(client.placement().clusterId()),
          barrier.revision(),
          System.currentTimeMillis(),
          keys.get(),
          leases.entrySet().stream()
              .map(lease -> new Manifest.BackupLease(lease.getKey(), lease.getValue()))
              .toList(),
          files);
      store.finish(manifest);
      return new Taken(barrier.revision(), keys.get(), leases.size(), bytes.get(), files.size());
    }
  }

  /** The time granted to each lease that lives, was granted by then, and hence lived then. */
  private Map<Long, Long> leases(long revision) {
    Map<Long, Long> found = new TreeMap<>(Long::compareUnsigned);
    List<Long> ids = client.leases().list().join();
    for (int from = 0; from < ids.size(); from += LEASES_AT_ONCE) {
      List<CompletableFuture<LeaseStatus>> asked = new ArrayList<>();
      for (long id : ids.subList(from, Math.min(ids.size(), from + LEASES_AT_ONCE))) {
        asked.add(client.leases().timeToLive(id, false));
      }
      for (CompletableFuture<LeaseStatus> each : asked) {
        LeaseStatus lease = each.join();
        if (lease.exists() && lease.grantRevision() <= revision) {
          found.put(lease.id(), lease.grantedTtlSeconds());
        }
      }
    }
    return found;
  }

  private String said() {
    return keys.get() + " keys, " + bytes.get() + " bytes";
  }

  /** Ranges of about the same size: the regions of now. */
  private List<KeyRange> parts() {
    List<KeyRange> parts = new ArrayList<>();
    Bytes from = Bytes.EMPTY;
    boolean more = true;
    while (more) {
      RegionListing listing =
          client.placement().lookup(KeyRange.of(from, Bytes.EMPTY), 0).join();
      for (Located region : listing.regions()) {
        KeyRange range = region.region().range();
        // Each begins where the last one ended: should the listing be of a moment of change,
        // nothing is read twice or left out.
        if (range.isUnbounded() || range.end().compareTo(from) > 0) {
          parts.add(KeyRange.of(from, range.end()));
          from = range.end();
          if (range.isUnbounded()) {
            return parts;
          }
        }
      }
      more = listing.more() && !listing.regions().isEmpty();
    }
    parts.add(KeyRange.of(from, Bytes.EMPTY));
    return parts;
  }

  private Manifest.BackupFile read(BarrierLoop barrier, String name, KeyRange range) {
    PageReader pages = client.pages(
        range,
        RangeOptions.DEFAULT.at(barrier.revision()).withBelowCompacted().withTimeout(PAGE_TIMEOUT));
    try (BackupStore.Writer file = store.write(name)) {
      while (true) {
        barrier.check();
        Optional<RangeResult> page = next(pages);
        if (page.isEmpty()) {
          return file.finish();
        }
        List<KeyValue> kvs = page.get().kvs();
        long written = file.add(kvs);
        kvs.stream().map(KeyValue::lease).filter(lease -> lease != 0).forEach(named::add);
        keys.addAndGet(kvs.size());
        bytes.addAndGet(written);
        LockSupport.parkNanos(pace.done(written));
      }
    }
  }

  private static Optional<RangeResult> next(PageReader pages) {
    for (int tries = 1; ; tries++) {
      try {
        return pages.next().join();
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
