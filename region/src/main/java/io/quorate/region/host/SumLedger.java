package io.quorate.region.host;

import io.quorate.raft.LogException;
import io.quorate.region.command.VerifySum;
import io.quorate.region.storage.RegionStore;
import io.quorate.region.storage.RegionSum;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sums of one replica's data as the log asks for them, and their comparison with the leader's. Owned by the region's state
 * machine. Thread: told by the apply thread, summed on the store's readers, read by any.
 */
public final class SumLedger {
  private static final Logger log = LoggerFactory.getLogger(SumLedger.class);

  /**
   * What a comparison came to.
   *
   * @param sum this replica's
   * @param equal whether the leader's was the same
   * @param atMillis when, by this host's wall clock; for people to read, nothing is decided by it
   */
  public record Verdict(RegionSum.Sum sum, boolean equal, long atMillis) {
    /** Whether this is the comparison of that sum of the leader's, and it found no difference. */
    public boolean agrees(RegionSum.Sum leaders) {
      return equal && sum.equals(leaders);
    }
  }

  private final RegionStore store;
  private final Executor readers;
  private final Consumer<String> onDamage;

  // Only the newest is kept: a comparison that comes after the next sum was asked for is too late.
  private long newest;
  private CompletableFuture<RegionSum.Sum> sum = new CompletableFuture<>();
  private @Nullable Verdict last;
  private @Nullable String damage;

  SumLedger(RegionStore store, Executor readers, Consumer<String> onDamage) {
    this.store = store;
    this.readers = readers;
    this.onDamage = onDamage;
  }

  /** On the apply thread, before it applies anything: a damaged replica goes no further. */
  synchronized void check() {
    if (damage != null) {
      throw new IllegalStateException(damage);
    }
  }

  /** Begins a sum as of the entry. */
  void compute(long index, long revision) {
    CompletableFuture<RegionSum.Sum> result = new CompletableFuture<>();
    synchronized (this) {
      newest = index;
      sum = result;
    }
    @Nullable RegionSum[] begun = {null};
    // Once it is its neighbour's, the range holds more than this log knows of.
    store.whileAlive(() -> begun[0] = store.sum(index, revision));
    RegionSum walk = begun[0];
    if (walk == null) {
      result.completeExceptionally(
          new LogException(LogException.Kind.REFUSED, "the region is part of its left neighbour"));
      return;
    }
    try {
      readers.execute(() -> run(walk, result));
    } catch (RejectedExecutionException e) {
      walk.close();
      result.completeExceptionally(new LogException(
          LogException.Kind.BUSY, "no reader thread is free to sum up the region"));
    }
  }

  private static void run(RegionSum walk, CompletableFuture<RegionSum.Sum> result) {
    try (walk) {
      result.complete(walk.run());
    } catch (RuntimeException e) {
      // The top of a reader thread; what cannot be summed up cannot be compared.
      result.completeExceptionally(new LogException(LogException.Kind.REFUSED, String.valueOf(e)));
    }
  }

  /** The sum as of the entry, once it is known. */
  synchronized CompletableFuture<RegionSum.Sum> at(long index) {
    return index == newest
        ? sum
        : CompletableFuture.failedFuture(
            new LogException(LogException.Kind.REFUSED, "another sum was asked for since"));
  }

  static VerifySum toVerify(RegionSum.Sum sum) {
    return new VerifySum(sum.index(), sum.sum(), sum.count());
  }

  /** Compares, now or when the sum is known; one from before a restart is not known any more. */
  void verify(VerifySum expected) {
    var unused = at(expected.index()).thenAccept(mine -> compare(mine, expected));
  }

  private void compare(RegionSum.Sum mine, VerifySum expected) {
    boolean equal = mine.sum() == expected.sum() && mine.count() == expected.count();
    String words = "checksum as of entry " + mine.index() + " over versions from revision "
        + mine.revision() + ": here " + Long.toHexString(mine.sum()) + " over " + mine.count()
        + ", at the leader " + Long.toHexString(expected.sum()) + " over " + expected.count();
    synchronized (this) {
      last = new Verdict(mine, equal, System.currentTimeMillis());
      if (!equal) {
        damage = "this replica's data is not the leader's, " + words;
      }
    }
    if (equal) {
      log.debug("region={} {}", store.descriptor().id(), words);
    } else {
      onDamage.accept("this replica's data is not the leader's, " + words);
    }
  }

  synchronized Optional<Verdict> last() {
    return Optional.ofNullable(last);
  }
}
