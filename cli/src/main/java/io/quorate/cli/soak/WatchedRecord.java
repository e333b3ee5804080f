package io.quorate.cli.soak;

import io.quorate.client.watch.WatchEvent;
import io.quorate.client.watch.WatchUpdate;
import io.quorate.model.Bytes;
import java.util.ArrayList;
import java.util.List;

/** What one watcher was told, over all its resumes, checked for order as it comes. Any thread, one at a time. */
final class WatchedRecord {
  /** Violations that are kept of one watcher; more say nothing more. */
  private static final int MAX_VIOLATIONS = 10;

  /** A change as told; the value by its hash, 0 for a deletion. */
  record Told(long revision, Bytes key, boolean delete, long version, int value) {}

  private final String name;
  private final List<Told> told = new ArrayList<>();
  private final List<String> violations = new ArrayList<>();
  private long frontier;

  WatchedRecord(String name, long start) {
    this.name = name;
    this.frontier = start - 1;
  }

  synchronized void take(WatchUpdate update) {
    long last = frontier;
    for (WatchEvent event : update.events()) {
      if (event.revision() <= frontier) {
        violated("is told of " + event.revision() + " of " + event.key() + " after all up to "
            + frontier + " was told");
      }
      if (event.revision() < last) {
        violated("is told of " + event.revision() + " after " + last);
      }
      last = Math.max(last, event.revision());
      boolean delete = event.type() == WatchEvent.Type.DELETE;
      told.add(new Told(
          event.revision(),
          event.key(),
          delete,
          event.kv().version(),
          delete ? 0 : event.kv().value().hashCode()));
    }
    if (last > update.revision() || update.revision() < frontier) {
      violated("is told that " + update.revision() + " is reached, after " + last);
    }
    frontier = Math.max(frontier, update.revision());
  }

  private void violated(String what) {
    if (violations.size() < MAX_VIOLATIONS) {
      violations.add("WatchOrdered: " + name + " " + what);
    }
  }

  synchronized long frontier() {
    return frontier;
  }

  synchronized List<Told> told() {
    return List.copyOf(told);
  }

  synchronized List<String> violations() {
    return List.copyOf(violations);
  }

  String name() {
    return name;
  }
}
