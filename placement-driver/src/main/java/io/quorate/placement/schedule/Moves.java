package io.quorate.placement.schedule;

import io.quorate.model.Peer;
import io.quorate.model.PeerRole;
import io.quorate.model.StoreId;
import io.quorate.placement.registry.HeardRegion;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** The ways to change a region's replicas, one peer per step, and the choice of who leads or receives. Pure. */
final class Moves {
  private Moves() {}

  /** A new replica on the target, then the old one goes; the leadership leaves the old one's store before. */
  static List<Step> replace(Draft draft, HeardRegion region, Peer old, StoreId target) {
    List<Step> steps = new ArrayList<>(add(target));
    if (leads(region, old)) {
      steps.add(new Step.TransferLeader(old.store(), heir(draft, region, old, target)));
    }
    steps.add(new Step.Remove(old));
    return steps;
  }

  static List<Step> add(StoreId target) {
    return List.of(new Step.AddLearner(target, 0), new Step.Promote(target));
  }

  /** The leadership leaves first, if it is there. */
  static List<Step> remove(Draft draft, HeardRegion region, Peer peer) {
    if (!leads(region, peer)) {
      return List.of(new Step.Remove(peer));
    }
    int heir = follower(draft, region, any -> true);
    StoreId to = heir < 0 ? peer.store() : draft.store(heir).id();
    return List.of(new Step.TransferLeader(peer.store(), to), new Step.Remove(peer));
  }

  static boolean leads(HeardRegion region, Peer peer) {
    return region.leader().filter(leader -> leader.replica() == peer.replica()).isPresent();
  }

  /** Who leads after the old one: the newcomer, or the follower with fewer leaders. */
  private static StoreId heir(Draft draft, HeardRegion region, Peer old, StoreId target) {
    int newcomer = draft.view().indexOf(target);
    int other = follower(draft, region, store -> !draft.store(store).id().equals(old.store()));
    boolean otherIsIdler = other >= 0
        && newcomer >= 0
        && draft.store(other).tally().leaders() < draft.store(newcomer).tally().leaders();
    return otherIsIdler ? draft.store(other).id() : target;
  }

  /** Of the healthy followers whose store may lead, the one with the fewest leaders; -1 if there is none. */
  static int follower(Draft draft, HeardRegion region, IntPredicate also) {
    int best = -1;
    List<Peer> peers = region.descriptor().peers();
    for (int i = 0; i < peers.size(); i++) {
      int store = healthyFollower(draft, region, peers.get(i));
      if (store >= 0
          && also.test(store)
          && (best < 0
              || draft.store(store).tally().leaders()
                  < draft.store(best).tally().leaders())) {
        best = store;
      }
    }
    return best;
  }

  /** The peer's store if the peer could lead now; -1 if it cannot. */
  static int healthyFollower(Draft draft, HeardRegion region, Peer peer) {
    if (peer.role() != PeerRole.VOTER
        || leads(region, peer)
        || region.health().downSince().containsKey(peer.replica())
        || region.health().pending().contains(peer.replica())) {
      return -1;
    }
    int store = draft.view().indexOf(peer.store());
    return store >= 0 && Refusal.ofLeader(draft.store(store)) == null ? store : -1;
  }

  /**
   * The best store for one more replica beside the others: the farthest from them, then the least loaded. -1 if none may.
   *
   * @param others stores of the replicas that stay, by index
   * @param atLeast how far from the others it must stand; more than this if strictly
   */
  static int target(
      Draft draft,
      Limits limits,
      Isolation isolation,
      int[] others,
      HeardRegion region,
      double atLeast,
      boolean strictly) {
    int best = -1;
    double bestScore = 0;
    double bestLoad = 0;
    for (int store = 0; store < draft.storeCount(); store++) {
      if (refusal(draft, limits, isolation, others, region, store) != null) {
        continue;
      }
      double score = isolation.score(store, others);
      if (score < atLeast || (strictly && score == atLeast)) {
        continue;
      }
      double load = BalanceRegions.score(draft.store(store), limits);
      if (best < 0 || score > bestScore || (score == bestScore && load < bestLoad)) {
        best = store;
        bestScore = score;
        bestLoad = load;
      }
    }
    return best;
  }

  static @Nullable Refusal refusal(
      Draft draft,
      Limits limits,
      Isolation isolation,
      int[] others,
      HeardRegion region,
      int store) {
    StoreView view = draft.store(store);
    if (holds(draft, region, store)) {
      return Refusal.HOLDS;
    }
    Refusal refusal = Refusal.ofTarget(view, limits);
    if (refusal != null) {
      return refusal;
    }
    return isolation.isTooClose(store, others) ? Refusal.ISOLATION : null;
  }

  static boolean holds(Draft draft, HeardRegion region, int store) {
    StoreId id = draft.store(store).id();
    List<Peer> peers = region.descriptor().peers();
    for (int i = 0; i < peers.size(); i++) {
      if (peers.get(i).store().equals(id)) {
        return true;
      }
    }
    return false;
  }

  /** In words, why none of the stores gets the replica. */
  static String whyNoTarget(
      Draft draft, Limits limits, Isolation isolation, int[] others, HeardRegion region) {
    StringBuilder words = new StringBuilder();
    for (int store = 0; store < draft.storeCount(); store++) {
      Refusal refusal = refusal(draft, limits, isolation, others, region, store);
      if (refusal != Refusal.RETIRED) {
        words
            .append(words.length() == 0 ? "" : "; ")
            .append("store ")
            .append(draft.store(store).id())
            .append(": ")
            .append((refusal == null ? Refusal.NO_BETTER : refusal).words());
      }
    }
    return words.length() == 0 ? "there is no other store" : words.toString();
  }
}
