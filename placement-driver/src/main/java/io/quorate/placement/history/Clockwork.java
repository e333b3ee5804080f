package io.quorate.placement.history;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What one leader of PD measures in its term: the cluster's age, the samples between those in the log, and how long each barrier
 * has been left alone. Begun anew by every leader, from what the log says: so a barrier always gets its whole time again, and
 * the age goes on where the last sample in the log left it. No clock of its own: told the time. One thread.
 */
public final class Clockwork {
  private static final long NANOS_PER_MILLI = 1_000_000;

  private record Watched(long renewals, long sinceNanos) {}

  /** A barrier whose time is over, as it was then. */
  public record Expired(String name, long renewals) {}

  private final HistoryLimits limits;
  private final long beganNanos;
  private final TimeMap.Sample began;
  private final long firstRevision;
  private final Map<String, Watched> watched = new HashMap<>();
  private TimeMap times;
  private long notedAge;
  private long notedRevision;

  /**
   * Begins a term.
   *
   * @param history as the log has it
   * @param revision the newest, as this leader begins with it
   * @param nowNanos monotonic
   */
  public Clockwork(HistoryLimits limits, History history, long revision, long nowNanos) {
    this.limits = limits;
    this.times = history.times();
    this.began = history.times().last();
    this.firstRevision = revision;
    this.beganNanos = nowNanos;
    this.notedAge = began.age();
    this.notedRevision = began.revision();
  }

  /** The present. */
  public TimeMap.Sample now(long revision, long nowNanos, long wallMillis) {
    long age = began.age() + (nowNanos - beganNanos) / NANOS_PER_MILLI;
    long drawn = began.drawn() + Math.max(0, revision - firstRevision);
    return new TimeMap.Sample(age, revision, drawn, wallMillis);
  }

  /**
   * Takes a sample if it is time.
   *
   * @return one that belongs into the log, if it is time for that, too, and there is news
   */
  public Optional<TimeMap.Sample> sample(TimeMap.Sample now, long compacted) {
    if (now.age() - times.last().age() < limits.sampleMillis()) {
      return Optional.empty();
    }
    times = times.with(now, compacted);
    // Where nothing was handed out, the sample before says all.
    if (now.age() - notedAge < limits.noteMillis() || now.revision() == notedRevision) {
      return Optional.empty();
    }
    notedAge = now.age();
    notedRevision = now.revision();
    return Optional.of(now);
  }

  /** Up to which revision history may go by retention; 0 if nothing may. */
  public long compactTo(TimeMap.Sample now) {
    return limits.retention().compactTo(times, now);
  }

  /** Barriers that nobody renewed in their time. */
  public List<Expired> expired(History history, long nowNanos) {
    watched.keySet().retainAll(history.barriers().keySet());
    List<Expired> over = new ArrayList<>();
    for (Barrier barrier : history.barriers().values()) {
      Watched last = watched.get(barrier.name());
      if (last == null || last.renewals() != barrier.renewals()) {
        watched.put(barrier.name(), new Watched(barrier.renewals(), nowNanos));
      } else if (nowNanos - last.sinceNanos() > barrier.ttlMillis() * NANOS_PER_MILLI) {
        over.add(new Expired(barrier.name(), barrier.renewals()));
      }
    }
    return over;
  }

  /** Milliseconds a barrier has left unless it is renewed. */
  public long leftMillis(Barrier barrier, long nowNanos) {
    Watched last = watched.get(barrier.name());
    return last == null || last.renewals() != barrier.renewals()
        ? barrier.ttlMillis()
        : Math.max(0, barrier.ttlMillis() - (nowNanos - last.sinceNanos()) / NANOS_PER_MILLI);
  }

  /** The map with what is not in the log yet. */
  public TimeMap times() {
    return times;
  }
}
