package io.quorate.cli.soak;

import io.quorate.cli.soak.WatchedRecord.Told;
import io.quorate.client.KeyValue;
import io.quorate.client.QuorateClient;
import io.quorate.client.RangeOptions;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Compares what watchers were told with history read back, key by key, from the newest state to the oldest event: each read at
 * the revision before an event tells what must have been told before it. One use; its caller's thread waits.
 */
final class WatchHistoryCheck {
  private static final int MAX_VIOLATIONS = 20;

  private final QuorateClient client;
  private final List<String> violations = new ArrayList<>();
  private long reads;

  WatchHistoryCheck(QuorateClient client) {
    this.client = client;
  }

  /**
   * Checks one watcher.
   *
   * @param all what a watcher of everything was told from the start on, up to the end and perhaps further
   */
  void againstReads(List<Told> all, long start, long end) {
    Map<Bytes, List<Told>> byKey = new HashMap<>();
    for (Told one : all) {
      if (one.revision() <= end) {
        byKey.computeIfAbsent(one.key(), key -> new ArrayList<>()).add(one);
      }
    }
    List<CompletableFuture<Void>> walks = new ArrayList<>();
    byKey.forEach((key, told) -> walks.add(walk(key, told, told.size() - 1, start, end)));
    walks.forEach(CompletableFuture::join);
  }

  /** What the key was at the revision is what the event at the place made it; and so on, backwards. */
  private CompletableFuture<Void> walk(Bytes key, List<Told> told, int place, long start, long at) {
    return state(key, at).thenCompose(state -> {
      if (place < 0) {
        // Older than all that was watched.
        if (state.isPresent() && state.get().modRevision() >= start) {
          violated(
              key + " was written at " + state.get().modRevision() + ", which nobody was told");
        }
        return CompletableFuture.completedFuture(null);
      }
      Told event = told.get(place);
      boolean fits = event.delete()
          ? state.isEmpty()
          : state.isPresent()
              && state.get().modRevision() == event.revision()
              && state.get().version() == event.version()
              && state.get().value().hashCode() == event.value();
      if (!fits) {
        violated(key + " is " + state + " at " + at + ", but the last that was told is " + event);
        return CompletableFuture.completedFuture(null);
      }
      return event.revision() <= start
          ? CompletableFuture.completedFuture(null)
          : walk(key, told, place - 1, start, event.revision() - 1);
    });
  }

  private CompletableFuture<Optional<KeyValue>> state(Bytes key, long at) {
    synchronized (this) {
      reads++;
    }
    return client
        .range(KeyRange.single(key), RangeOptions.DEFAULT.at(at))
        .thenApply(found -> found.kvs().stream().findFirst());
  }

  /** Every other watcher was told exactly its part of what the one of everything was told. */
  void alike(List<Told> all, WatchedRecord record, KeyRange range, long start, long end) {
    List<Told> expected = all.stream()
        .filter(
            one -> one.revision() >= start && one.revision() <= end && range.contains(one.key()))
        .toList();
    List<Told> got = record.told().stream().filter(one -> one.revision() <= end).toList();
    if (!got.equals(expected)) {
      int same = 0;
      while (same < Math.min(got.size(), expected.size())
          && got.get(same).equals(expected.get(same))) {
        same++;
      }
      violated(record.name() + " was told of " + got.size() + " changes, not of " + expected.size()
          + "; the first that differs is "
          + (same < got.size() ? got.get(same) : "missing") + " for "
          + (same < expected.size() ? expected.get(same) : "nothing"));
    }
  }

  private synchronized void violated(String what) {
    if (violations.size() < MAX_VIOLATIONS) {
      violations.add("WatchIsHistory: " + what);
    }
  }

  synchronized List<String> violations() {
    return List.copyOf(violations);
  }

  synchronized long reads() {
    return reads;
  }
}
