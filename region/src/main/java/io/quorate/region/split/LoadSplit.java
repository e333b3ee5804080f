package io.quorate.region.split;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.util.List;
import java.util.Optional;

/** Where a hot region is cut: half of what is asked for on either side, as little as can be across. Pure. */
public final class LoadSplit {
  /** Left and right may differ by at most this share of both. */
  private static final double MAX_IMBALANCE = 0.25;
  /** At most this share of what is asked may lie across the cut. */
  private static final double MAX_CROSSED = 0.5;

  private LoadSplit() {}

  /**
   * Chooses among the keys asked for.
   *
   * @param region that is cut
   * @param samples of what it was asked for
   * @return empty if no key parts the load: one hot key, or ranges over all
   */
  public static Optional<Bytes> choose(KeyRange region, List<KeyRange> samples) {
    Bytes best = null;
    double bestScore = Double.MAX_VALUE;
    for (KeyRange candidate : samples) {
      Bytes key = candidate.start();
      if (key.compareTo(region.start()) > 0 && region.contains(key)) {
        double score = score(key, samples);
        if (score < bestScore) {
          best = key;
          bestScore = score;
        }
      }
    }
    return Optional.ofNullable(best);
  }

  /** Less is better; the greatest of all where the key does not do. */
  private static double score(Bytes key, List<KeyRange> samples) {
    int left = 0;
    int right = 0;
    int crossed = 0;
    for (KeyRange asked : samples) {
      if (asked.start().compareTo(key) >= 0) {
        right++;
      } else if (!asked.end().isEmpty() && asked.end().compareTo(key) <= 0) {
        left++;
      } else {
        crossed++;
      }
    }
    double across = (double) crossed / samples.size();
    if (left == 0 || right == 0 || across > MAX_CROSSED) {
      return Double.MAX_VALUE;
    }
    double imbalance = (double) Math.abs(left - right) / (left + right);
    return imbalance > MAX_IMBALANCE ? Double.MAX_VALUE : imbalance + across;
  }
}
