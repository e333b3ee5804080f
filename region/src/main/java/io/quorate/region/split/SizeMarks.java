package io.quorate.region.split;

import io.quorate.model.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * How a region's data lies over its keys. Immutable.
 *
 * @param bytes of all versions
 * @param keys that exist
 * @param marks keys at about equal distances, ascending; none is the first key
 * @param whole whether all of the data was walked
 */
public record SizeMarks(long bytes, long keys, List<Mark> marks, boolean whole) {
  /** Marks kept, at most: a cut is right to a thousandth or so of the region. */
  static final int MAX_MARKS = 2048;

  /**
   * A key.
   *
   * @param key all versions of which lie behind the mark
   * @param bytes before it
   * @param keys before it
   */
  public record Mark(Bytes key, long bytes, long keys) {}

  public SizeMarks {
    marks = List.copyOf(marks);
  }

  /** Takes in the versions in their order, and thins the marks out as they become many. One thread. */
  public static final class Builder {
    private final List<Mark> marks = new ArrayList<>();
    private long bytes;
    private long keys;
    private long distance = 1;
    private long next = 1;

    /** The versions that follow are those of another key. */
    public void key(Supplier<Bytes> key, boolean live) {
      if (bytes >= next) {
        marks.add(new Mark(key.get(), bytes, keys));
        if (marks.size() >= MAX_MARKS) {
          thin();
        }
        next = bytes + distance;
      }
      if (live) {
        keys++;
      }
    }

    private void thin() {
      distance = Math.max(2 * distance, 2 * bytes / MAX_MARKS);
      List<Mark> kept = new ArrayList<>(MAX_MARKS / 2);
      long from = distance;
      for (Mark mark : marks) {
        if (mark.bytes() >= from) {
          kept.add(mark);
          from = mark.bytes() + distance;
        }
      }
      marks.clear();
      marks.addAll(kept);
    }

    public void version(long size) {
      bytes += size;
    }

    public SizeMarks build(boolean whole) {
      return new SizeMarks(bytes, keys, marks, whole);
    }
  }
}
