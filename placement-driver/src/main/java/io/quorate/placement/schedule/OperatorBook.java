package io.quorate.placement.schedule;

import io.quorate.model.Peer;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionId;
import io.quorate.model.StoreId;
import io.quorate.placement.registry.HeardRegion;
import io.quorate.proto.RegionOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * The operators under way, of one term's leader: begun anew by each. Steps are done when a heartbeat shows it, never by an
 * order's answer; a region whose members are others than the steps would make them ends its operator. No threads and no clock:
 * time is an argument (nanoseconds). Owned by the host of schedules, used under its lock.
 */
public final class OperatorBook {
  private static final int ENDED_KEPT = 1_000;
  private static final long MILLION = 1_000_000L;

  /** Milliseconds that a step may take for each MiB of the region (pd, operator/step.go). */
  private static final long FAST_MILLIS_PER_MIB = 600;

  private static final long SLOW_MILLIS_PER_MIB = 6_000;

  /** How an operator stands. */
  public enum State {
    RUNNING,
    SUCCESS,
    TIMEOUT,
    CANCELLED,
    REPLACED
  }

  /**
   * An operator and how far it is.
   *
   * @param number in this term, from 1
   * @param step index of the step under way
   * @param note why it ended, or what it waits for
   * @param endedNanos 0 while it runs
   */
  public record Progress(
      long number,
      Operator operator,
      int step,
      State state,
      String note,
      long startedNanos,
      long stepNanos,
      long endedNanos) {
    Progress at(int nextStep, long nowNanos) {
      return new Progress(
          number, operator, nextStep, state, note, startedNanos, nowNanos, endedNanos);
    }

    Progress ended(State how, String why, long nowNanos) {
      return new Progress(number, operator, step, how, why, startedNanos, stepNanos, nowNanos);
    }
  }

  /** An order and the store that it is for. */
  public record Dispatch(StoreId store, RegionOrder order) {}

  private record Sent(StoreId store, int step, long atNanos) {}

  private final Limits limits;
  private final StoreQuota quota;
  private final Map<RegionId, Progress> running = new LinkedHashMap<>();
  private final Map<RegionId, Sent> sent = new HashMap<>();
  private final Map<RegionId, Progress> resting = new LinkedHashMap<>();
  private final Deque<Progress> ended = new ArrayDeque<>();
  private final Map<State, Long> endedCounts = new EnumMap<>(State.class);
  private long lastNumber;

  public OperatorBook(Limits limits) {
    this.limits = limits;
    quota = new StoreQuota(limits);
  }

  /**
   * Takes the operator in, if the region is as it was planned for.
   *
   * @param now the region as it is known now
   * @param ids gives a replica id for each that the operator adds
   * @return why not; empty if it is under way
   */
  public Optional<String> admit(
      Operator operator, HeardRegion now, LongSupplier ids, long nowNanos) {
    RegionDescriptor planned = operator.region().descriptor();
    if (!now.descriptor().epoch().equals(planned.epoch())) {
      return Optional.of("region " + planned.id() + " is at epoch "
          + now.descriptor().epoch() + " now, it was planned at " + planned.epoch());
    }
    Progress before = running.get(planned.id());
    if (before != null && operator.kind() != Operator.Kind.ADMIN) {
      return Optional.of("region " + planned.id() + " has an operator under way");
    }
    if (before != null) {
      end(before, State.REPLACED, "replaced by " + operator.by(), nowNanos);
    }
    Operator numbered = operator.withIds(ids);
    charge(numbered, nowNanos);
    resting.remove(planned.id());
    running.put(
        planned.id(),
        new Progress(++lastNumber, numbered, 0, State.RUNNING, "", nowNanos, nowNanos, 0));
    return Optional.empty();
  }

  private void charge(Operator operator, long nowNanos) {
    double cost = Draft.cost(operator.region());
    for (Step step : operator.steps()) {
      if (step instanceof Step.AddLearner added) {
        quota.takeAdd(added.store(), cost, nowNanos);
      } else if (step instanceof Step.Remove removed) {
        quota.takeRemove(removed.peer().store(), cost, nowNanos);
      }
    }
  }

  /** A leader told of its region: the operator moves on as far as that shows; what is next is to be sent. */
  public Optional<Dispatch> heard(HeardRegion region, long nowNanos) {
    Progress progress = running.get(region.descriptor().id());
    if (progress == null) {
      return Optional.empty();
    }
    List<Step> steps = progress.operator().steps();
    while (progress.step() < steps.size() && steps.get(progress.step()).isDone(region)) {
      progress = progress.at(progress.step() + 1, nowNanos);
      running.put(region.descriptor().id(), progress);
    }
    Optional<String> strange = strange(progress, region);
    if (strange.isPresent()) {
      end(progress, State.CANCELLED, strange.get(), nowNanos);
      return Optional.empty();
    }
    if (progress.step() == steps.size()) {
      end(progress, State.SUCCESS, "", nowNanos);
      return Optional.empty();
    }
    return dispatch(progress, region, nowNanos);
  }

  /** The members must be those before the step under way, or those after it while it is not confirmed. */
  private static Optional<String> strange(Progress progress, HeardRegion region) {
    List<Peer> members = membersBefore(progress);
    List<Step> steps = progress.operator().steps();
    List<Peer> after =
        progress.step() < steps.size() ? steps.get(progress.step()).after(members) : members;
    List<Peer> now = region.descriptor().peers();
    if (same(now, members) || same(now, after)) {
      return Optional.empty();
    }
    return Optional.of("its members became " + now + " by another hand");
  }

  private static List<Peer> membersBefore(Progress progress) {
    List<Peer> members = progress.operator().region().descriptor().peers();
    for (Step step : progress.operator().steps().subList(0, progress.step())) {
      members = step.after(members);
    }
    return members;
  }

  private static boolean same(List<Peer> one, List<Peer> other) {
    return one.size() == other.size() && new HashSet<>(one).containsAll(other);
  }

  private Optional<Dispatch> dispatch(Progress progress, HeardRegion region, long nowNanos) {
    Step step = progress.operator().steps().get(progress.step());
    List<Peer> members = membersBefore(progress);
    List<Peer> after = step.after(members);
    boolean underWay = !same(after, members) && same(region.descriptor().peers(), after);
    Peer leader = region.leader().orElse(null);
    if (underWay || leader == null) {
      return Optional.empty();
    }
    Sent last = sent.get(progress.operator().id());
    boolean due = last == null
        || last.step() != progress.step()
        || !last.store().equals(leader.store())
        || nowNanos - last.atNanos() >= limits.nanos(Setting.OPERATOR_RESEND_INTERVAL);
    if (!due) {
      return Optional.empty();
    }
    Optional<RegionOrder> order = step.order(region);
    if (order.isPresent()) {
      sent.put(progress.operator().id(), new Sent(leader.store(), progress.step(), nowNanos));
    }
    return order.map(made -> new Dispatch(leader.store(), made));
  }

  /**
   * Ends what took too long or lost its purpose, and repeats orders.
   *
   * @param looked those to look at
   * @param regions as they are known now
   * @param lost stores that are given up
   * @param silent stores that are not up now, be it for a moment
   */
  public List<Dispatch> tick(
      Collection<Progress> looked,
      Function<RegionId, Optional<HeardRegion>> regions,
      Predicate<StoreId> lost,
      Predicate<StoreId> silent,
      long nowNanos) {
    List<Dispatch> due = new ArrayList<>();
    for (Progress asked : looked) {
      Progress progress = running.get(asked.operator().id());
      if (progress == null || progress.number() != asked.number()) {
        continue;
      }
      Optional<HeardRegion> region = regions.apply(progress.operator().id());
      Step step = progress.operator().steps().get(progress.step());
      if (region.isEmpty()) {
        end(progress, State.CANCELLED, "the region is gone", nowNanos);
      } else if (hopeless(step, lost, silent).isPresent()) {
        end(progress, State.CANCELLED, hopeless(step, lost, silent).get(), nowNanos);
        // Nothing was wrong with the region: whoever repairs it need not wait.
        resting.remove(progress.operator().id());
      } else if (vain(step, region.get(), regions).isPresent()) {
        end(progress, State.CANCELLED, vain(step, region.get(), regions).get(), nowNanos);
      } else if (nowNanos - progress.stepNanos() >= patienceNanos(step, region.get())) {
        end(progress, State.TIMEOUT, "'" + step + "' was not seen done in time", nowNanos);
      } else {
        heard(region.get(), nowNanos).ifPresent(due::add);
      }
    }
    resting.values().removeIf(progress -> !isResting(progress, nowNanos));
    return due;
  }

  /** Why the step cannot be done any more, whoever asks; a leadership is soon given to another, a replica is waited for. */
  private static Optional<String> hopeless(
      Step step, Predicate<StoreId> lost, Predicate<StoreId> silent) {
    if (step instanceof Step.TransferLeader transfer && silent.test(transfer.to())) {
      return Optional.of("store " + transfer.to() + ", which was to lead, is not up");
    }
    StoreId needed = step instanceof Step.AddLearner add
        ? add.store()
        : step instanceof Step.Promote promote ? promote.store() : StoreId.NONE;
    return !needed.equals(StoreId.NONE) && lost.test(needed)
        ? Optional.of("store " + needed + " is given up")
        : Optional.empty();
  }

  private static Optional<String> vain(
      Step step, HeardRegion region, Function<RegionId, Optional<HeardRegion>> regions) {
    return step instanceof Step.Merge merge ? merge.vain(region, regions) : Optional.empty();
  }

  private long patienceNanos(Step step, HeardRegion region) {
    long mib = region.approximateBytes() >> 20;
    return step.isSlow()
        ? Math.max(
            limits.nanos(Setting.OPERATOR_SLOW_STEP_TIMEOUT), mib * SLOW_MILLIS_PER_MIB * MILLION)
        : Math.max(
            limits.nanos(Setting.OPERATOR_STEP_TIMEOUT), mib * FAST_MILLIS_PER_MIB * MILLION);
  }

  private boolean isResting(Progress progress, long nowNanos) {
    return nowNanos - progress.endedNanos() < limits.nanos(Setting.OPERATOR_RETRY_PAUSE);
  }

  /** Ends the region's operator; false if it has none. What its steps did so far is tidied up by the checkers. */
  public boolean cancel(RegionId region, String why, long nowNanos) {
    Progress progress = running.get(region);
    if (progress != null) {
      end(progress, State.CANCELLED, why, nowNanos);
    }
    return progress != null;
  }

  private void end(Progress progress, State how, String why, long nowNanos) {
    RegionId id = progress.operator().id();
    Progress over = progress.ended(how, why, nowNanos);
    running.remove(id);
    sent.remove(id);
    if (how == State.TIMEOUT || how == State.CANCELLED) {
      resting.put(id, over);
    }
    endedCounts.merge(how, 1L, Long::sum);
    ended.addFirst(over);
    if (ended.size() > ENDED_KEPT) {
      ended.removeLast();
    }
  }

  /** What planning must leave alone. */
  public ClusterView.Busy busy(long nowNanos) {
    Map<RegionId, Operator> under = new HashMap<>();
    running.forEach((id, progress) -> under.put(id, progress.operator()));
    // Who is about to be taken in must stay as it is too.
    running
        .values()
        .forEach(progress -> progress
            .operator()
            .rights()
            .forEach(right -> under.putIfAbsent(right, progress.operator())));
    Map<RegionId, String> rest = new HashMap<>();
    resting.forEach((id, progress) -> {
      if (isResting(progress, nowNanos)) {
        rest.put(
            id,
            "its last operator ended a moment ago (" + progress.state() + ": " + progress.note()
                + "), operator-retry-pause is not over");
      }
    });
    return new ClusterView.Busy(under, rest);
  }

  public StoreView.Quota quota(StoreId store, long nowNanos) {
    return quota.left(store, nowNanos);
  }

  public Collection<Progress> running() {
    return List.copyOf(running.values());
  }

  public Optional<Progress> running(RegionId region) {
    return Optional.ofNullable(running.get(region));
  }

  /** How many ended how, in this term. */
  public Map<State, Long> endedCounts() {
    return Map.copyOf(endedCounts);
  }

  /** Those that ended, the newest first, at most so many. */
  public List<Progress> ended(int max) {
    return ended.stream().limit(max).toList();
  }
}
