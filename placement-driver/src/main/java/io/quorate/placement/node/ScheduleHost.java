package io.quorate.placement.node;

import io.quorate.model.KeyRange;
import io.quorate.model.RegionId;
import io.quorate.model.StoreDescriptor;
import io.quorate.model.StoreId;
import io.quorate.placement.cluster.AllocateIds;
import io.quorate.placement.cluster.ChangeStoreState;
import io.quorate.placement.cluster.PlanningNotes;
import io.quorate.placement.cluster.Ruling;
import io.quorate.placement.metrics.PlacementMetrics;
import io.quorate.placement.registry.HeardCluster;
import io.quorate.placement.registry.HeardRegion;
import io.quorate.placement.registry.OrderSource;
import io.quorate.placement.registry.RegistryHost;
import io.quorate.placement.schedule.ClusterView;
import io.quorate.placement.schedule.Limits;
import io.quorate.placement.schedule.Operator;
import io.quorate.placement.schedule.OperatorBook;
import io.quorate.placement.schedule.Planner;
import io.quorate.placement.schedule.ReplicaIds;
import io.quorate.placement.schedule.Scheduler;
import io.quorate.placement.schedule.Setting;
import io.quorate.placement.schedule.Step;
import io.quorate.placement.schedule.StoreView;
import io.quorate.proto.RegionOrder;
import io.quorate.proto.StoreStats;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The leading member's operators: plans rounds, admits what was planned, hands out orders as heartbeats come in. All of it is
 * soft state of one term. Owned by the node.
 *
 * <p>Thread: any. State is guarded by this object; the registry may call in under its own lock, so it is never called from
 * inside this one's.
 */
final class ScheduleHost implements OrderSource {
  private static final Logger LOG = LoggerFactory.getLogger(ScheduleHost.class);

  /** Replica ids taken from the log at once. */
  private static final int IDS_PER_BLOCK = 1_000;

  private static final double HEARD_ENOUGH = 0.9;
  private static final int SCATTERED_RANGES_MAX = 64;

  private final PlacementGroup group;
  private final Limits limits;
  private final LongSupplier nanoTime;
  private final PlacementMetrics metrics;
  private final AtomicBoolean askingIds = new AtomicBoolean();
  private final AtomicBoolean retiring = new AtomicBoolean();

  private long term;
  private @Nullable OperatorBook book;
  private final ReplicaIds ids = new ReplicaIds();
  private long round;
  private long roundNanos;
  private boolean planning;
  /** What of the book's counts the meters have. */
  private final Map<OperatorBook.State, Long> counted = new HashMap<>();

  private final Map<String, Long> paused = new HashMap<>();
  private final Map<KeyRange, Long> scattered = new LinkedHashMap<>();

  ScheduleHost(
      PlacementGroup group, Limits limits, LongSupplier nanoTime, PlacementMetrics metrics) {
    this.group = group;
    this.limits = limits;
    this.nanoTime = nanoTime;
    this.metrics = metrics;
  }

  private RegistryHost registry() {
    return group.registry();
  }

  synchronized void onLeading(long newTerm) {
    if (book != null && term >= newTerm) {
      return;
    }
    term = newTerm;
    book = new OperatorBook(limits);
    ids.forget();
    round = 0;
    planning = false;
    counted.clear();
    paused.clear();
    scattered.clear();
    // What the leader before was told, with the time that was left when it was.
    PlanningNotes told = group.image().planning();
    long now = nanoTime.getAsLong();
    told.paused().forEach((name, left) -> paused.put(name, left == 0 ? 0 : until(now, left)));
    told.scattered().forEach((range, left) -> scattered.put(range, until(now, left)));
  }

  private static long until(long nowNanos, long millis) {
    long until = nowNanos + millis * 1_000_000;
    return until == 0 ? 1 : until;
  }

  /** For the log, once it has changed by order. */
  synchronized PlanningNotes notes() {
    long now = nanoTime.getAsLong();
    TreeMap<String, Long> pauses = new TreeMap<>();
    paused.forEach((name, until) -> pauses.put(name, until == 0 ? 0 : left(now, until)));
    Map<KeyRange, Long> ranges = new LinkedHashMap<>();
    scattered.forEach((range, until) -> ranges.put(range, left(now, until)));
    return new PlanningNotes(pauses, ranges);
  }

  private static long left(long nowNanos, long until) {
    return Math.max(1, (until - nowNanos) / 1_000_000);
  }

  synchronized void onLeadershipLost(long oldTerm) {
    if (term <= oldTerm) {
      book = null;
    }
  }

  Limits limits() {
    return limits;
  }

  @Override
  public synchronized List<RegionOrder> heard(StoreId from, HeardRegion region) {
    if (book == null) {
      return List.of();
    }
    return book.heard(region, nanoTime.getAsLong())
        .filter(dispatch -> dispatch.store().equals(from))
        .map(dispatch -> List.of(dispatch.order()))
        .orElse(List.of());
  }

  @Override
  public synchronized boolean isExpected(RegionId region, StoreId store) {
    return book != null
        && book.running(region).stream()
            .flatMap(progress -> progress.operator().steps().stream())
            .anyMatch(step -> step instanceof Step.AddLearner add && add.store().equals(store));
  }

  /** One round: repeats orders, ends what is late, plans and admits. Returns whether there is work under way. */
  boolean round() {
    Optional<ClusterView> seen = view();
    if (seen.isEmpty()) {
      return false;
    }
    long began = nanoTime.getAsLong();
    ClusterView view = seen.get();
    tick(view);
    retire(view);
    boolean ready = isReady(view);
    List<Scheduler> rules = rules();
    List<Operator> planned = ready ? Planner.plan(view, limits, rules, pausedNow()) : List.of();
    for (Operator operator : planned) {
      submit(operator).ifPresent(why -> LOG.debug("not admitted: {}: {}", operator, why));
    }
    long took = nanoTime.getAsLong() - began;
    metrics.planned(planned.size(), took);
    synchronized (this) {
      planning = ready;
      roundNanos = took;
      count();
      return !planned.isEmpty() || (book != null && !book.running().isEmpty());
    }
  }

  private synchronized void count() {
    if (book == null) {
      return;
    }
    metrics.operatorsRunning(book.running().size());
    book.endedCounts().forEach((how, total) -> {
      long before = counted.getOrDefault(how, 0L);
      if (total > before) {
        metrics.operatorsEnded(how.name().toLowerCase(Locale.ROOT), total - before);
        counted.put(how, total);
      }
    });
  }

  /** What planning would see now; empty if this member does not lead. */
  Optional<ClusterView> view() {
    Optional<HeardCluster> heard = registry().heard();
    if (heard.isEmpty() || !group.image().isBootstrapped()) {
      return Optional.empty();
    }
    HeardCluster cluster = heard.get();
    long now = cluster.nowNanos();
    List<StoreView> stores = new ArrayList<>();
    ClusterView.Busy busy;
    long number;
    synchronized (this) {
      OperatorBook open = book;
      if (open == null) {
        return Optional.empty();
      }
      for (HeardCluster.HeardStore store : cluster.stores()) {
        stores.add(storeView(store, open.quota(store.store().id(), now)));
      }
      busy = open.busy(now);
      number = round++;
    }
    return Optional.of(ClusterView.of(stores, cluster.regions(), busy, now, number)
        .withDamaged(cluster.damaged()));
  }

  private static StoreView storeView(HeardCluster.HeardStore heard, StoreView.Quota quota) {
    StoreStats stats = heard.stats().orElse(StoreStats.getDefaultInstance());
    return new StoreView(
        heard.store(),
        heard.liveness(),
        new StoreView.Disk(
            stats.getCapacityBytes(), stats.getAvailableBytes(), stats.getUsedBytes()),
        stats.getStopping(),
        stats.getRegionCount(),
        quota,
        StoreView.Tally.NONE);
  }

  /** A new leader that has not heard most regions would take their replicas for lost and their stores for empty. */
  private boolean isReady(ClusterView view) {
    if (planning || view.heardShare() >= HEARD_ENOUGH) {
      return true;
    }
    return registry()
        .heard()
        .filter(heard ->
            heard.nowNanos() - heard.sinceNanos() >= limits.nanos(Setting.SCHEDULE_COLLECT_TIME))
        .isPresent();
  }

  private void tick(ClusterView view) {
    Map<RegionId, HeardRegion> known = new HashMap<>();
    List<OperatorBook.Progress> running;
    synchronized (this) {
      running = book == null ? List.of() : List.copyOf(book.running());
    }
    // Those to be taken in first: one that is gone by then shows in who took it in.
    running.forEach(progress -> progress.operator().rights().forEach(id -> lookUp(id, known)));
    running.forEach(progress -> lookUp(progress.operator().id(), known));
    List<OperatorBook.Dispatch> due;
    synchronized (this) {
      // Only those that were looked up: one that was admitted meanwhile is not gone.
      due = book == null
          ? List.of()
          : book.tick(
              running,
              id -> Optional.ofNullable(known.get(id)),
              store -> view.store(store).filter(StoreView::isGivenUp).isPresent(),
              store -> view.store(store).filter(StoreView::isUp).isEmpty(),
              nanoTime.getAsLong());
      long now = nanoTime.getAsLong();
      paused.values().removeIf(until -> until != 0 && now - until >= 0);
      scattered.values().removeIf(until -> now - until >= 0);
    }
    due.forEach(dispatch -> registry().order(dispatch.store(), List.of(dispatch.order())));
  }

  private void lookUp(RegionId id, Map<RegionId, HeardRegion> into) {
    registry().region(id).ifPresent(region -> into.put(id, region));
  }

  /**
   * Admits an operator, planned or ordered, and sends its first order.
   *
   * @return why not; empty if it is under way
   */
  Optional<String> submit(Operator operator) {
    Optional<HeardRegion> now = registry().region(operator.id());
    if (now.isEmpty()) {
      return Optional.of("region " + operator.id() + " is not known");
    }
    Optional<OperatorBook.Dispatch> first;
    synchronized (this) {
      if (book == null) {
        return Optional.of("this PD does not lead");
      }
      if (ids.isLow(operator.id(), operator.idsWanted())) {
        askIds();
      }
      if (!ids.suffices(operator.id(), operator.idsWanted())) {
        return Optional.of("no replica ids yet: try again shortly");
      }
      long at = nanoTime.getAsLong();
      Optional<String> refusal = book.admit(operator, now.get(), ids::take, at);
      if (refusal.isPresent()) {
        return refusal;
      }
      LOG.info("operator admitted: {}", operator);
      first = book.heard(now.get(), at);
    }
    first.ifPresent(dispatch -> registry().order(dispatch.store(), List.of(dispatch.order())));
    return Optional.empty();
  }

  private void askIds() {
    if (!askingIds.compareAndSet(false, true)) {
      return;
    }
    long asked = term;
    group.propose(
        new AllocateIds(IDS_PER_BLOCK),
        error -> {
          askingIds.set(false);
          LOG.info("no replica ids: {}", error.getMessage());
        },
        ruling -> {
          askingIds.set(false);
          if (ruling instanceof Ruling.Given given) {
            synchronized (this) {
              // A block of another term is left to nobody: ids are never given twice.
              if (term == asked) {
                ids.give(given.value(), IDS_PER_BLOCK);
              }
            }
          }
        });
  }

  /** A drained store that holds nothing any more is retired. */
  private void retire(ClusterView view) {
    for (StoreView store : view.stores()) {
      boolean empty = store.tally().replicas() == 0
          && (store.held() == 0 || store.liveness() == StoreDescriptor.State.DOWN);
      boolean heard = store.liveness() != StoreDescriptor.State.DISCONNECTED;
      if (store.isDraining() && empty && heard && retiring.compareAndSet(false, true)) {
        group.propose(
            new ChangeStoreState(
                store.id(), StoreDescriptor.State.DRAINING, StoreDescriptor.State.RETIRED),
            error -> {
              retiring.set(false);
              LOG.info("store={} is not retired: {}", store.id(), error.getMessage());
            },
            ruling -> {
              retiring.set(false);
              LOG.info("store={} is retired", store.id());
            });
      }
    }
  }

  synchronized List<Scheduler> rules() {
    return Planner.rules(List.copyOf(scattered.keySet()));
  }

  private synchronized Set<String> pausedNow() {
    return new HashSet<>(paused.keySet());
  }

  /** Scheduler names that are paused, with when that ends (nanoseconds; 0: not by itself). */
  synchronized Map<String, Long> paused() {
    return Map.copyOf(paused);
  }

  /** Leaves the rule out for a while; 0 milliseconds: until it is resumed. */
  synchronized void pause(String name, long millis) {
    paused.put(name, millis == 0 ? 0 : until(nanoTime.getAsLong(), millis));
  }

  synchronized void resume(String name) {
    paused.remove(name);
  }

  /** Spreads the range's regions for a while; false if too many ranges are being spread. */
  synchronized boolean scatter(KeyRange range) {
    if (scattered.size() >= SCATTERED_RANGES_MAX) {
      return false;
    }
    scattered.put(
        range, until(nanoTime.getAsLong(), limits.time(Setting.SCATTER_TTL).toMillis()));
    return true;
  }

  synchronized boolean cancel(RegionId region) {
    return book != null && book.cancel(region, "cancelled by order", nanoTime.getAsLong());
  }

  /** Those under way, then the newest that ended. */
  synchronized List<OperatorBook.Progress> operators(int endedMax) {
    List<OperatorBook.Progress> all = new ArrayList<>();
    if (book != null) {
      all.addAll(book.running());
      all.addAll(book.ended(endedMax));
    }
    return all;
  }

  synchronized Optional<OperatorBook.Progress> running(RegionId region) {
    return book == null ? Optional.empty() : book.running(region);
  }

  /** Whether enough was heard to plan. */
  synchronized boolean isPlanning() {
    return book != null && planning;
  }

  synchronized long lastRoundNanos() {
    return roundNanos;
  }

  long nowNanos() {
    return nanoTime.getAsLong();
  }
}
