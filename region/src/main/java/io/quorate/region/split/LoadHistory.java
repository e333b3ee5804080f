package io.quorate.region.split;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Whether a region has been hot for long enough, and where it is cut then. Pure but for what it remembers; one thread. */
public final class LoadHistory {
  /** Looks in a row that must find it hot. */
  static final int LOOKS = 10;

  private final List<KeyRange> samples = new ArrayList<>();
  private int hot;

  /**
   * Takes in what came since the last look.
   *
   * @param seconds since the last look
   * @return the key to cut at, once it has been hot for ten looks
   */
  public Optional<Bytes> look(
      KeyRange region, LoadSample.Window window, double seconds, SplitLimits limits) {
    boolean isHot = window.requests() >= limits.loadRequests() * seconds
        || window.bytes() >= limits.loadBytes() * seconds;
    if (!isHot) {
      hot = 0;
      samples.clear();
      return Optional.empty();
    }
    samples.addAll(window.samples());
    if (++hot < LOOKS) {
      return Optional.empty();
    }
    Optional<Bytes> key = LoadSplit.choose(region, samples);
    hot = 0;
    samples.clear();
    return key;
  }
}
