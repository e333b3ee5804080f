package io.quorate.region.command;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Peer;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionEpoch;
import io.quorate.model.RegionId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Cuts a region. The last part keeps id and log: where keys are appended in order, the part that is written goes on without an
 * election. Each part before it becomes a region of its own, with a replica beside each of the parent's.
 *
 * @param expected the epoch it was thought out for
 * @param cuts the new regions, in key order
 */
public record Split(RegionEpoch expected, List<Cut> cuts) implements RegionEntry {
  /** Every child's log begins after this entry, which an empty peer cannot take for its own beginning. */
  public static final long BASE_INDEX = 5;

  public static final long BASE_TERM = 5;

  /** New regions of one split, at most. */
  public static final int MAX_CUTS = 1024;

  /**
   * A new region.
   *
   * @param end first key after it; it begins where the one before ends
   * @param region its id
   * @param replicas ids of its replicas, in the order of the parent's peers
   */
  public record Cut(Bytes end, RegionId region, List<Long> replicas) {
    public Cut {
      replicas = List.copyOf(replicas);
    }
  }

  public Split {
    cuts = List.copyOf(cuts);
  }

  /**
   * What it makes of a region; every replica judges alike.
   *
   * @return {@link Outcome.Split}, or why not: {@link Outcome.EpochMismatch} or {@link Outcome.Refused}
   */
  public Outcome judge(RegionDescriptor region) {
    if (!region.epoch().equals(expected)) {
      return new Outcome.EpochMismatch(region);
    }
    if (cuts.isEmpty() || cuts.size() > MAX_CUTS) {
      return refused("a split makes 1 to " + MAX_CUTS + " regions, not " + cuts.size());
    }
    RegionEpoch epoch =
        new RegionEpoch(region.epoch().version() + cuts.size(), region.epoch().membership());
    List<RegionDescriptor> parts = new ArrayList<>(cuts.size() + 1);
    Set<RegionId> ids = new HashSet<>();
    ids.add(region.id());
    Bytes start = region.range().start();
    for (Cut cut : cuts) {
      if (cut.end().compareTo(start) <= 0 || !region.range().contains(cut.end())) {
        return refused("key " + cut.end() + " does not cut "
            + KeyRange.of(start, region.range().end()));
      }
      if (!ids.add(cut.region()) || cut.replicas().size() != region.peers().size()) {
        return refused("region " + cut.region() + " is named twice, or lacks ids of its replicas");
      }
      parts.add(new RegionDescriptor(
          cut.region(), KeyRange.of(start, cut.end()), epoch, peers(region.peers(), cut)));
      start = cut.end();
    }
    parts.add(new RegionDescriptor(
        region.id(), KeyRange.of(start, region.range().end()), epoch, region.peers()));
    return new Outcome.Split(parts);
  }

  private static List<Peer> peers(List<Peer> parents, Cut cut) {
    List<Peer> peers = new ArrayList<>(parents.size());
    for (int i = 0; i < parents.size(); i++) {
      Peer parent = parents.get(i);
      peers.add(new Peer(parent.store(), cut.replicas().get(i), parent.role()));
    }
    return peers;
  }

  private static Outcome refused(String why) {
    return new Outcome.Refused(Refusal.invalid("quorate: " + why));
  }
}
