package io.quorate.client.lease;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Which of a client's leases are to be kept alive now, and until when each is proven to live: by the time a keep-alive was
 * sent, never by when its answer came. Pure; one user. Times are nanoseconds of one monotonic clock.
 */
final class KeepBook {
  private static final long SECOND = 1_000_000_000L;
  /** A keep-alive is sent after this part of the time to live. */
  private static final int PARTS = 3;
  /** Pause after one that failed: long enough not to be a storm. */
  private static final long RETRY = SECOND / 5;
  /** Longer than anybody waits. */
  private static final long MAX_TTL_SECONDS = 100L * 365 * 24 * 3600;

  private static final class Kept {
    final long id;
    long provenUntil;
    long nextAt;
    boolean asked;
    boolean ended;

    Kept(long id) {
      this.id = id;
    }
  }

  private record Timer(long at, Kept lease) {}

  private final Map<Long, Kept> leases = new HashMap<>();
  private final PriorityQueue<Timer> timers =
      new PriorityQueue<>(Comparator.comparingLong(Timer::at));

  /** What has come due. */
  record Due(List<Long> ask, List<Long> unproven) {}

  private static long nanos(long ttlSeconds) {
    return Math.min(ttlSeconds, MAX_TTL_SECONDS) * SECOND;
  }

  /** Takes a lease in that was asked for, or last kept alive, at the time. */
  void add(long id, long ttlSeconds, long sentAt) {
    Kept kept = new Kept(id);
    Kept old = leases.put(id, kept);
    if (old != null) {
      old.ended = true;
    }
    proven(kept, ttlSeconds, sentAt);
  }

  private void proven(Kept kept, long ttlSeconds, long sentAt) {
    kept.asked = false;
    kept.provenUntil = Math.max(kept.provenUntil, sentAt + nanos(ttlSeconds));
    kept.nextAt = sentAt + nanos(ttlSeconds) / PARTS;
    timers.add(new Timer(kept.nextAt, kept));
  }

  /** A keep-alive sent at the time was answered. */
  void renewed(long id, long ttlSeconds, long sentAt) {
    Kept kept = leases.get(id);
    if (kept != null && kept.asked) {
      proven(kept, ttlSeconds, sentAt);
    }
  }

  /** A keep-alive brought no answer, or none that says anything. */
  void unanswered(long id, long now) {
    Kept kept = leases.get(id);
    if (kept != null && kept.asked) {
      kept.asked = false;
      kept.nextAt = now + RETRY;
      timers.add(new Timer(Math.min(kept.nextAt, kept.provenUntil), kept));
    }
  }

  /** The lease is kept no more; whether it was. */
  boolean remove(long id) {
    Kept kept = leases.remove(id);
    if (kept != null) {
      kept.ended = true;
    }
    return kept != null;
  }

  /** When the lease stops being proven; null if it is not kept. */
  @Nullable
  Long provenUntil(long id) {
    Kept kept = leases.get(id);
    return kept == null ? null : kept.provenUntil;
  }

  List<Long> all() {
    return List.copyOf(leases.keySet());
  }

  /** What is to be done now; leases that can be proven no longer are kept no more. */
  Due due(long now, int most) {
    List<Long> ask = new ArrayList<>();
    List<Long> unproven = new ArrayList<>();
    while (!timers.isEmpty() && timers.element().at() <= now && ask.size() < most) {
      Kept kept = timers.remove().lease();
      if (kept.ended) {
        continue;
      }
      if (kept.provenUntil <= now) {
        remove(kept.id);
        unproven.add(kept.id);
      } else if (!kept.asked && kept.nextAt <= now) {
        kept.asked = true;
        ask.add(kept.id);
        // Whatever becomes of the keep-alive, this look is due.
        timers.add(new Timer(kept.provenUntil, kept));
      }
    }
    return new Due(ask, unproven);
  }
}
