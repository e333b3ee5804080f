package io.quorate.region.watch;

import io.quorate.region.storage.NotedChange;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is left to give of a sweep through a range's data, which is too dear to be done for each slice. One thread at a time. */
final class Harvest {
  private final ArrayDeque<NotedChange> left;
  private final long upTo;
  private final long index;
  private final boolean all;

  /**
   * @param upTo revision that the sweep went up to
   * @param index applied index that all of it is at or before
   * @param all whether nothing up to {@code upTo} is missing behind the last change
   */
  Harvest(List<NotedChange> changes, long upTo, long index, boolean all) {
    this.left = new ArrayDeque<>(changes);
    this.upTo = upTo;
    this.index = index;
    this.all = all;
  }

  @Nullable
  NotedChange peek() {
    return left.peek();
  }

  @Nullable
  NotedChange next() {
    return left.poll();
  }

  long upTo() {
    return upTo;
  }

  long index() {
    return index;
  }

  boolean all() {
    return all;
  }
}
