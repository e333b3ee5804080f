package io.quorate.region.split;

import io.quorate.model.KeyRange;
import java.util.ArrayList;
import java.util.List;

/** What a region was asked for since it was last looked at: how much, and a fair sample of where. Owned by one thread. */
public final class LoadSample {
  /** Samples of one look: enough to see a middle, over several looks. */
  static final int SAMPLES = 20;

  private long requests;
  private long bytes;
  private final List<KeyRange> samples = new ArrayList<>(SAMPLES);
  /** State of the lots drawn; they need not be good, only cheap. */
  private long lot;

  public LoadSample(long seed) {
    this.lot = seed;
  }

  /**
   * Load between two looks.
   *
   * @param requests count
   * @param bytes of what was asked
   * @param samples ranges asked for, single keys mostly
   */
  public record Window(long requests, long bytes, List<KeyRange> samples) {
    public Window {
      samples = List.copyOf(samples);
    }
  }

  /**
   * A request came.
   *
   * @return the place that {@link #keep} shall put it at; -1 if it is not sampled
   */
  public int note(int size) {
    requests++;
    bytes += size;
    if (requests <= SAMPLES) {
      return (int) requests - 1;
    }
    long place = Long.remainderUnsigned(draw(), requests);
    return place < SAMPLES ? (int) place : -1;
  }

  /** Where the noted request went. */
  public void keep(int place, KeyRange asked) {
    if (place < samples.size()) {
      samples.set(place, asked);
    } else {
      samples.add(asked);
    }
  }

  private long draw() {
    lot = lot * 6364136223846793005L + 1442695040888963407L;
    return lot >>> 17;
  }

  /** All since the last call. */
  public Window take() {
    Window window = new Window(requests, bytes, samples);
    requests = 0;
    bytes = 0;
    samples.clear();
    return window;
  }
}
