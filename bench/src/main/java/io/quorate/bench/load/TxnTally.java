package io.quorate.bench.load;

import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** How many attempts the transactions of a run took, and how the done ones are spread over its clients. Any thread. */
final class TxnTally {
  private final LongAdder done = new LongAdder();
  private final LongAdder attempts = new LongAdder();
  /** By the random numbers of each client, which it shares with nobody. */
  private final Map<Integer, LongAdder> shares = new ConcurrentHashMap<>();

  void done(SplittableRandom client, int attemptsOfIt) {
    done.increment();
    attempts.add(attemptsOfIt);
    shares
        .computeIfAbsent(System.identityHashCode(client), first -> new LongAdder())
        .increment();
  }

  /** For people, in one line; warm-up included. */
  @Override
  public String toString() {
    long all = Math.max(1, done.sum());
    double mean = (double) all / Math.max(1, shares.size());
    long least = shares.values().stream().mapToLong(LongAdder::sum).min().orElse(0);
    long most = shares.values().stream().mapToLong(LongAdder::sum).max().orElse(0);
    return String.format(
        Locale.ROOT,
        "%.3f attempts for each, %.1f %% of all aborted; of %d clients the least served got %.2f of its share, the most %.2f",
        (double) attempts.sum() / all,
        100.0 * (attempts.sum() - all) / Math.max(1, attempts.sum()),
        shares.size(),
        least / mean,
        most / mean);
  }
}
