package io.quorate.region.command;

import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionEpoch;
import io.quorate.model.RegionId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a region's log knows of merges: replicated state, written beside the descriptor and sent with its snapshots. Pure.
 *
 * @param pending with this region on the left: begun and not decided
 * @param frozen with this region on the right: it serves nobody until the left one has decided
 * @param decisions of this region's own merges, oldest first
 * @param ended the regions that are part of this one now, or were; oldest first
 */
public record MergeState(
    Optional<Pending> pending,
    Optional<Frozen> frozen,
    List<Decision> decisions,
    List<Ended> ended) {
  public static final MergeState NONE =
      new MergeState(Optional.empty(), Optional.empty(), List.of(), List.of());

  /** Decisions that are remembered: a frozen region whose merge is older than all of them stays frozen until it is told more. */
  public static final int MAX_DECISIONS = 64;

  /** Ended regions that are remembered: a snapshot takes the place of what is left of those, and of no others. */
  public static final int MAX_ENDED = 256;

  /**
   * A merge that was begun.
   *
   * @param generation its name: the index of the entry that began it, which never comes again
   * @param epoch of the left region then
   * @param right the region that is to be taken in
   */
  public record Pending(long generation, RegionEpoch epoch, RegionDescriptor right) {}

  /** For whose sake a region serves nobody. */
  public record Frozen(RegionId left, long generation) {}

  /** How a merge went out. */
  public record Decision(long generation, boolean committed) {}

  /**
   * A region that is no more.
   *
   * @param version its last
   */
  public record Ended(RegionId region, long version) {}

  public MergeState {
    decisions = newest(decisions, MAX_DECISIONS);
    ended = newest(ended, MAX_ENDED);
  }

  private static <T> List<T> newest(List<T> all, int most) {
    return List.copyOf(all.size() <= most ? all : all.subList(all.size() - most, all.size()));
  }

  /** Whether range and members must stay as they are. */
  public boolean isUnderWay() {
    return pending.isPresent() || frozen.isPresent();
  }

  public boolean isFrozen() {
    return frozen.isPresent();
  }

  public boolean isPending(long generation) {
    return pending.filter(one -> one.generation() == generation).isPresent();
  }

  public boolean isFrozenFor(RegionId left, long generation) {
    return frozen.filter(new Frozen(left, generation)::equals).isPresent();
  }

  /** How the merge went out; empty if that is open, or forgotten. */
  public Optional<Decision> decision(long generation) {
    return decisions.stream().filter(one -> one.generation() == generation).findAny();
  }

  /** Whether the region ended in this one, at that version or a later one. */
  public boolean hasEnded(RegionId region, long version) {
    return ended.stream().anyMatch(one -> one.region().equals(region) && one.version() >= version);
  }

  /**
   * Whether a left region that is part of this one now had aborted its merge with that right one: whoever takes part in a merge of its
   * own is frozen for no other, so all that the left one began was decided before it ended, and a right one that it took in had
   * ended before it. False, too, if that may have been forgotten.
   */
  public boolean hasEndedWithout(RegionId left, RegionId right) {
    return ended.size() < MAX_ENDED && hasEnded(left, 0) && !hasEnded(right, 0);
  }

  MergeState begun(Pending next) {
    return new MergeState(Optional.of(next), frozen, decisions, ended);
  }

  MergeState frozen(Frozen next) {
    return new MergeState(pending, Optional.of(next), decisions, ended);
  }

  MergeState thawed() {
    return new MergeState(pending, Optional.empty(), decisions, ended);
  }

  MergeState aborted(long generation) {
    return decided(new Decision(generation, false), ended);
  }

  /** With all that the right one had taken in before. */
  public MergeState committed(long generation, RegionDescriptor right, MergeState rights) {
    List<Ended> all = new ArrayList<>(ended);
    all.addAll(rights.ended());
    all.add(new Ended(right.id(), right.epoch().version()));
    // Both may have heard of the same ends, as parts of one region before.
    return decided(new Decision(generation, true), all.stream().distinct().toList());
  }

  private MergeState decided(Decision decision, List<Ended> all) {
    List<Decision> more = new ArrayList<>(decisions);
    more.add(decision);
    return new MergeState(Optional.empty(), frozen, more, all);
  }
}
