package io.quorate.region.watch;

import io.quorate.region.mvcc.Version;
import io.quorate.region.storage.ChangePlace;
import io.quorate.region.storage.ChangeReader;
import io.quorate.region.storage.ChangeScan;
import io.quorate.region.storage.NotedChange;
import io.quorate.region.storage.RegionStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads old changes for one region's watchers, a slice at a time: by the notes of changes, at the cost of the changes since; or
 * by the data, where this store cannot vouch for the notes. Owned by the hub; one call per cursor at a time, on a thread that
 * may wait for the disk.
 */
final class CatchUp {
  private final RegionStore store;
  private final WatchLimits limits;
  private final WatchMeters meters;

  CatchUp(RegionStore store, WatchLimits limits, WatchMeters meters) {
    this.store = store;
    this.limits = limits;
    this.meters = meters;
  }

  /**
   * What to read.
   *
   * @param after first place that is not wanted any more
   * @param upTo last revision that is wanted
   * @param index applied index as of which all changes up to {@code upTo} are in the store
   * @param aim how far that goes
   * @param harvest what is left of a sweep, if one was made
   */
  record Job(
      ChangePlace after,
      long upTo,
      long index,
      Aim aim,
      @Nullable Harvest harvest) {
    /** How far a job goes. */
    enum Aim {
      /** All that is applied. */
      ALL,
      /** All that may be told while a lock stands. */
      UP_TO_LOCK,
      /** What is applied and may not be told yet. */
      BEHIND_LOCK
    }

    /** First revision of which something is still wanted. */
    long next() {
      return after.isEnd() ? after.revision() + 1 : after.revision();
    }
  }

  /** How it went. */
  enum Result {
    READ,
    /** What is wanted may be gone. */
    COMPACTED,
    /** The replica's data went while it was read. */
    GONE
  }

  /**
   * What was read.
   *
   * @param reached all changes up to here were looked at
   * @param whole whether that is all up to the job's end; then {@code index} says as of when
   * @param fragment whether the last event's revision may go on
   * @param left of a sweep
   */
  record Slice(
      Result result,
      List<Event> events,
      ChangePlace reached,
      boolean whole,
      boolean fragment,
      long index,
      @Nullable Harvest left) {
    static Slice failed(Result result, Job job) {
      return new Slice(result, List.of(), job.after(), false, false, job.index(), null);
    }
  }

  /**
   * Reads a slice.
   *
   * @param compacted reads below it are refused
   */
  Slice read(WatchSpec spec, Job job, long compacted) {
    if (job.next() < Math.max(compacted, store.floor())) {
      return Slice.failed(Result.COMPACTED, job);
    }
    long mark = store.readMark();
    Slice slice = read(spec, job);
    if (!store.isWholeSince(mark)) {
      return Slice.failed(Result.GONE, job);
    }
    // What was read may have been cleaned away under the reader.
    if (job.next() < store.floor()) {
      return Slice.failed(Result.COMPACTED, job);
    }
    if (slice == null) {
      throw new IllegalStateException("region " + store.descriptor().id()
          + " notes a change that its data do not have, above its floor " + store.floor());
    }
    return slice;
  }

  /** Null if a version was missing. */
  private @Nullable Slice read(WatchSpec spec, Job job) {
    Harvest harvest = job.harvest();
    if (harvest == null) {
      Optional<ChangeScan> scan = store.changeReader().changes(job.after(), job.upTo());
      if (scan.isPresent()) {
        try (ChangeScan notes = scan.get()) {
          return new Collection(spec, job.after())
              .fill(notes::peek, notes::next, job.upTo(), true, job.index(), null);
        }
      }
      ChangeReader.Sweep sweep =
          store.changeReader().sweep(spec.range(), job.after(), job.upTo(), limits.sweepChanges());
      meters.swept();
      harvest = new Harvest(sweep.changes(), job.upTo(), job.index(), sweep.all());
    }
    return new Collection(spec, job.after())
        .fill(
            harvest::peek, harvest::next, harvest.upTo(), harvest.all(), harvest.index(), harvest);
  }

  /** One slice while it is filled. */
  private final class Collection {
    private final WatchSpec spec;
    private final List<Event> events = new ArrayList<>();
    private ChangePlace reached;

    Collection(WatchSpec spec, ChangePlace after) {
      this.spec = spec;
      this.reached = after;
    }

    @Nullable
    Slice fill(
        Supplier<@Nullable NotedChange> peek,
        Supplier<@Nullable NotedChange> next,
        long upTo,
        boolean all,
        long index,
        @Nullable Harvest source) {
      int bytes = 0;
      int looked = 0;
      NotedChange change = peek.get();
      while (change != null && bytes < limits.sliceBytes() && looked < limits.sliceChanges()) {
        var unused = next.get();
        looked++;
        reached = change.place();
        if (spec.wants(change)) {
          Version version = store.noted(change);
          if (version.modRevision() != change.revision()
              || version.sub() != change.place().sub()) {
            return null;
          }
          Event event = new Event(change.key(), version);
          events.add(event);
          bytes += event.weight();
        }
        change = peek.get();
      }
      meters.read(looked);
      return finish(change, upTo, all, index, source);
    }

    private Slice finish(
        @Nullable NotedChange following,
        long upTo,
        boolean all,
        long index,
        @Nullable Harvest source) {
      if (following == null && all) {
        return slice(ChangePlace.endOf(upTo), true, false, index, null);
      }
      if (following == null) {
        // A sweep kept no more than this: whether the revision goes on, the next one will tell.
        return slice(reached, false, true, index, null);
      }
      boolean fragment = following.revision() == reached.revision();
      return slice(
          fragment ? reached : ChangePlace.endOf(reached.revision()),
          false,
          fragment,
          index,
          source);
    }

    private Slice slice(
        ChangePlace to, boolean whole, boolean fragment, long index, @Nullable Harvest left) {
      return new Slice(Result.READ, events, to, whole, fragment, index, left);
    }
  }
}
