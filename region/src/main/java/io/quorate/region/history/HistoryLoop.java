package io.quorate.region.history;

import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionId;
import io.quorate.region.storage.CleaningPass;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the history of a store's regions short: proposes floors for those it leads, removes what the floors let go from all, and
 * has files rewritten where that gives space back. At a bounded rate, all regions in turn.
 *
 * <p>Owned by the store's engine. Thread: one of its own; the target and the progress may be set and read by any.
 */
public final class HistoryLoop implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(HistoryLoop.class);
  private static final int CLOSE_SECONDS = 30;

  /** Rewrites the files of a region without what was removed from it; on a thread of its own, one at a time. */
  public interface Compactor {
    /** Begins unless one is under way; says whether it began. */
    boolean begin(RegionDescriptor region);
  }

  /** A replica that has been found clean is looked at again when one of these has changed. */
  private record Seen(long floor, long epochVersion, long dataMark) {
    static Seen of(HistoryRegion region) {
      return new Seen(region.floor(), region.descriptor().epoch().version(), region.dataMark());
    }
  }

  private final CleaningLimits limits;
  private final Supplier<Collection<? extends HistoryRegion>> regions;
  private final Compactor compactor;
  private final ScheduledExecutorService thread;
  private final AtomicLong target = new AtomicLong();
  private volatile CleaningProgress progress = CleaningProgress.NONE;
  private volatile boolean closing;

  // Confined to the thread.
  private final Map<RegionId, Seen> clean = new HashMap<>();
  private final Map<RegionId, CleaningPass> passes = new HashMap<>();
  private final Map<RegionId, Long> removedSince = new HashMap<>();
  private final Set<RegionId> served = new HashSet<>();
  private long removed;
  private double records;
  private double floors;

  public HistoryLoop(
      CleaningLimits limits,
      Supplier<Collection<? extends HistoryRegion>> regions,
      Compactor compactor) {
    this.limits = limits;
    this.regions = regions;
    this.compactor = compactor;
    this.thread = Executors.newSingleThreadScheduledExecutor(runnable -> {
      Thread made = new Thread(runnable, "region-history");
      made.setDaemon(true);
      return made;
    });
  }

  public void start() {
    long tick = limits.tick().toNanos();
    var unused = thread.scheduleWithFixedDelay(this::tickOrSay, tick, tick, TimeUnit.NANOSECONDS);
  }

  /** Any thread: PD lets history go up to this revision. It never goes back. */
  public void target(long revision) {
    target.accumulateAndGet(revision, Math::max);
  }

  public CleaningProgress progress() {
    return progress;
  }

  private void tickOrSay() {
    try {
      tick();
    } catch (RuntimeException e) {
      // The top of the thread: one bad look must not end all later ones.
      log.error("old versions were not removed", e);
      passes.clear();
    }
  }

  private void tick() {
    double seconds = limits.tick().toNanos() / 1e9;
    records = Math.min(records, 0) + limits.recordsPerSecond() * seconds;
    floors = Math.min(floors + limits.floorsPerSecond() * seconds, limits.floorsPerSecond());
    long to = target.get();
    Collection<? extends HistoryRegion> all = regions.get();
    forgetAllBut(all);
    proposeFloors(all, to);
    boolean worked = true;
    while (records > 0 && worked && !closing) {
      worked = false;
      for (HistoryRegion region : all) {
        if (records > 0 && !closing && served.add(region.descriptor().id())) {
          worked |= serve(region);
        }
      }
      if (records > 0) {
        served.clear();
      }
    }
    tell(all, to);
  }

  private void forgetAllBut(Collection<? extends HistoryRegion> all) {
    List<RegionId> ids = all.stream().map(region -> region.descriptor().id()).toList();
    Set<RegionId> here = new HashSet<>(ids);
    clean.keySet().retainAll(here);
    passes.keySet().retainAll(here);
    removedSince.keySet().retainAll(here);
    if (served.containsAll(here)) {
      served.clear();
    }
  }

  private void proposeFloors(Collection<? extends HistoryRegion> all, long to) {
    for (HistoryRegion region : all) {
      if (floors < 1) {
        return;
      }
      if (region.isBehind(to) && region.leading()) {
        floors--;
        region.advanceFloor(to);
      }
    }
  }

  /** One step of a region's pass; whether there was anything to do. */
  private boolean serve(HistoryRegion region) {
    RegionId id = region.descriptor().id();
    CleaningPass pass = passes.get(id);
    if (pass == null) {
      Seen now = Seen.of(region);
      if (now.equals(clean.get(id))) {
        return false;
      }
      Optional<CleaningPass> begun = region.clean();
      if (begun.isEmpty()) {
        clean.put(id, now);
        return false;
      }
      pass = begun.get();
      passes.put(id, pass);
    }
    long looked = pass.looked();
    long gone = pass.removed();
    boolean over = pass.step(limits.recordsPerStep());
    // A step that found nothing was a seek.
    records -= Math.max(1, pass.looked() - looked);
    removed += pass.removed() - gone;
    long since = removedSince.merge(id, pass.removed() - gone, Long::sum);
    if (over) {
      passes.remove(id);
      if (since >= Math.max(limits.compactAfter(), region.approximateKeys())
          && compactor.begin(region.descriptor())) {
        removedSince.remove(id);
      }
    }
    return true;
  }

  private void tell(Collection<? extends HistoryRegion> all, long to) {
    int behind = 0;
    int uncleaned = 0;
    long smallest = 0;
    long smallestRegion = 0;
    for (HistoryRegion region : all) {
      if (region.isBehind(to)) {
        behind++;
        if (smallestRegion == 0 || region.floor() < smallest) {
          smallest = region.floor();
          smallestRegion = region.descriptor().id().value();
        }
      }
      if (!Seen.of(region).equals(clean.get(region.descriptor().id()))) {
        uncleaned++;
      }
    }
    long settled = behind == 0 && uncleaned == 0 ? to : progress.settled();
    progress = new CleaningProgress(settled, behind, uncleaned, smallest, smallestRegion, removed);
  }

  /** Ends what is under way at the next step; afterwards nothing of it touches the database. */
  @Override
  public void close() {
    closing = true;
    thread.shutdown();
    try {
      if (!thread.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        throw new IllegalStateException("old versions are still being removed");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
