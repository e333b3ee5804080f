package io.quorate.placement.schedule;

import io.quorate.model.Peer;
import io.quorate.model.PeerRole;
import io.quorate.placement.registry.HeardRegion;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Keeps every region at its number of voters, on stores that live and shall serve, as far apart as labels allow. In this
 * order: a learner that nobody wants, a lost replica, a missing one, one too many, one on a draining store, one that stands
 * badly (pd, schedule/checker/replica_checker.go).
 */
public final class ReplicaChecker implements Scheduler {
  public static final String NAME = "replica-checker";

  /** Searches through all stores in one round: with nowhere to go for thousands of regions, a round must stay short. */
  private static final int SEARCHES_PER_ROUND = 4_096;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<Operator> plan(ClusterView view, Limits limits) {
    Draft draft = new Draft(view);
    Patrol patrol = new Patrol(draft, limits);
    int room = limits.count(Setting.REPLICA_SCHEDULE_LIMIT) - view.running(Operator.Kind.REPLICA);
    int[] suspects = patrol.suspects();
    int count = suspects.length;
    int from = count == 0 ? 0 : (int) (view.round() * 31 % count);
    for (int i = 0; i < count && draft.planned().size() < room; i++) {
      HeardRegion region = view.region(suspects[from + i < count ? from + i : from + i - count]);
      if (patrol.isFine(region) || draft.busy(region) != null) {
        continue;
      }
      if (patrol.searches >= SEARCHES_PER_ROUND) {
        break;
      }
      if (patrol.judge(region) instanceof Finding.Planned planned) {
        draft.add(planned.operator());
      }
    }
    return draft.planned();
  }

  @Override
  public Finding judge(ClusterView view, Limits limits, HeardRegion region) {
    Draft draft = new Draft(view);
    String busy = draft.busy(region);
    return busy != null ? Finding.nothing(busy) : new Patrol(draft, limits).judge(region);
  }

  /** One walk over regions. */
  private static final class Patrol {
    private final Draft draft;
    private final Limits limits;
    private final Isolation isolation;
    private final int wanted;
    private final long downNanos;
    private final boolean[] troubled;
    private int searches;

    Patrol(Draft draft, Limits limits) {
      this.draft = draft;
      this.limits = limits;
      isolation = new Isolation(draft.view(), limits);
      wanted = limits.count(Setting.MAX_REPLICAS);
      downNanos = limits.nanos(Setting.MAX_STORE_DOWN_TIME);
      troubled = new boolean[draft.storeCount()];
      for (int i = 0; i < troubled.length; i++) {
        troubled[i] = draft.store(i).isGivenUp() || draft.store(i).isDraining();
      }
    }

    /**
     * Regions to look at. Where replicas need not stand apart, those are few: the odd ones, what is on stores that are to be
     * emptied, and what is damaged. A round over a hundred thousand healthy regions need not touch them.
     */
    private int[] suspects() {
      ClusterView view = draft.view();
      boolean alike = view.regionCount() > 0
          && view.region(0).descriptor().peers().size() == wanted
          && isolation.isIndifferent();
      if (!alike) {
        return IntStream.range(0, view.regionCount()).toArray();
      }
      BitSet suspects = new BitSet(view.regionCount());
      for (int region : view.odd()) {
        suspects.set(region);
      }
      for (int store = 0; store < troubled.length; store++) {
        if (troubled[store]) {
          for (int region : view.held(store)) {
            suspects.set(region);
          }
        }
      }
      if (view.hasDamaged()) {
        for (int i = 0; i < view.regionCount(); i++) {
          if (!view.damaged(view.region(i).descriptor().id()).isEmpty()) {
            suspects.set(i);
          }
        }
      }
      return suspects.stream().toArray();
    }

    /** The cheap look that is enough for nearly all regions. */
    boolean isFine(HeardRegion region) {
      List<Peer> peers = region.descriptor().peers();
      if (peers.size() != wanted
          || !region.health().downSince().isEmpty()
          || !draft.view().damaged(region.descriptor().id()).isEmpty()) {
        return false;
      }
      int[] stores = new int[peers.size()];
      for (int i = 0; i < stores.length; i++) {
        stores[i] = draft.view().indexOf(peers.get(i).store());
        if (stores[i] < 0 || troubled[stores[i]] || peers.get(i).role() != PeerRole.VOTER) {
          return false;
        }
      }
      return isolation.isWidest(stores);
    }

    Finding judge(HeardRegion region) {
      int leader = draft.leader(region);
      if (leader < 0) {
        return Finding.nothing("no leader of it was heard that is up: nothing can be changed");
      }
      List<Peer> peers = region.descriptor().peers();
      int voters = 0;
      for (Peer peer : peers) {
        voters += peer.role() == PeerRole.VOTER ? 1 : 0;
      }
      for (Peer peer : peers) {
        if (peer.role() == PeerRole.LEARNER) {
          return learner(region, peer, voters);
        }
      }
      for (Peer peer : peers) {
        if (isDamaged(region, peer)) {
          return mend(region, peer, voters);
        }
      }
      for (Peer peer : peers) {
        if (isLost(region, peer)) {
          return voters > wanted
              ? drop(region, peer, "lost, and one too many")
              : replace(region, peer, "lost");
        }
      }
      if (voters < wanted) {
        return add(region);
      }
      if (voters > wanted) {
        return drop(region, worst(region), "one more than max-replicas");
      }
      for (Peer peer : peers) {
        int store = draft.view().indexOf(peer.store());
        if (store >= 0 && draft.store(store).isDraining()) {
          return replace(region, peer, "on a draining store");
        }
      }
      return better(region);
    }

    /** Left over from a move that ended half-way. */
    private Finding learner(HeardRegion region, Peer peer, int voters) {
      if (voters < wanted && !isLost(region, peer) && !isDamaged(region, peer)) {
        return region.health().pending().contains(peer.replica())
            ? Finding.nothing(() -> peer + " has not caught up yet")
            : planned(region, List.of(new Step.Promote(peer.store())), "a voter is missing");
      }
      return planned(region, List.of(new Step.Remove(peer)), "a learner that nobody wants");
    }

    private boolean isDamaged(HeardRegion region, Peer peer) {
      return draft.view().damaged(region.descriptor().id()).contains(peer.replica());
    }

    /** Its data differ from the leader's: another is made at once, elsewhere or, where no store takes it, in its place. */
    private Finding mend(HeardRegion region, Peer bad, int voters) {
      List<Peer> peers = region.descriptor().peers();
      int differ = 0;
      boolean othersAreWell = true;
      for (Peer peer : peers) {
        boolean damaged = isDamaged(region, peer);
        differ += damaged ? 1 : 0;
        othersAreWell &= damaged || isWell(region, peer);
      }
      if (2 * differ >= voters) {
        // Who differs from most is more likely the one that is damaged.
        return Finding.nothing("the data of " + differ + " of its " + voters
            + " replicas differ from the leader's: it cannot be told which are right");
      }
      if (voters > wanted) {
        return drop(region, bad, "damaged, and one too many");
      }
      Finding moved = replace(region, bad, "damaged");
      return moved.isPlanned() || !othersAreWell
          ? moved
          : drop(region, bad, "damaged, and no other store takes it: it is made anew there");
    }

    /** Could be counted on if another one left. */
    private boolean isWell(HeardRegion region, Peer peer) {
      int store = draft.view().indexOf(peer.store());
      return store >= 0
          && draft.store(store).isUp()
          && !region.health().downSince().containsKey(peer.replica())
          && !region.health().pending().contains(peer.replica());
    }

    private boolean isLost(HeardRegion region, Peer peer) {
      int store = draft.view().indexOf(peer.store());
      if (store < 0 || draft.store(store).isGivenUp()) {
        return true;
      }
      Long since = region.health().downSince().get(peer.replica());
      return since != null
          && draft.store(store).isMeantToServe()
          && draft.view().nowNanos() - since >= downNanos;
    }

    private Finding add(HeardRegion region) {
      int[] others = draft.storesOf(region, null);
      int target = search(region, others, 0, /* strictly= */ false);
      return target < 0
          ? Finding.nothing(() -> "it lacks a replica, but no store takes one: "
              + Moves.whyNoTarget(draft, limits, isolation, others, region))
          : planned(region, Moves.add(draft.store(target).id()), "a replica is missing");
    }

    private Finding replace(HeardRegion region, Peer old, String why) {
      int[] others = draft.storesOf(region, old);
      int target = search(region, others, 0, /* strictly= */ false);
      return target < 0
          ? Finding.nothing(() -> old + " is " + why + ", but no store takes it over: "
              + Moves.whyNoTarget(draft, limits, isolation, others, region))
          : planned(
              region,
              Moves.replace(draft, region, old, draft.store(target).id()),
              old + " is " + why);
    }

    private Finding drop(HeardRegion region, Peer peer, String why) {
      return planned(region, Moves.remove(draft, region, peer), peer + " is " + why);
    }

    /** Which of the voters is missed the least: on a bad store, near the others, on a full one. */
    private Peer worst(HeardRegion region) {
      List<Peer> peers = region.descriptor().peers();
      Peer worst = peers.get(0);
      for (Peer peer : peers) {
        if (compareUse(region, peer, worst) < 0) {
          worst = peer;
        }
      }
      return worst;
    }

    private int compareUse(HeardRegion region, Peer one, Peer other) {
      int left = draft.view().indexOf(one.store());
      int right = draft.view().indexOf(other.store());
      if (left < 0 || right < 0 || troubled[left] != troubled[right]) {
        return Boolean.compare(right < 0 || troubled[right], left < 0 || troubled[left]);
      }
      int[] stores = draft.storesOf(region, null);
      int apart = Double.compare(isolation.score(left, stores), isolation.score(right, stores));
      return apart != 0
          ? apart
          : Double.compare(
              BalanceRegions.score(draft.store(right), limits),
              BalanceRegions.score(draft.store(left), limits));
    }

    private Finding better(HeardRegion region) {
      int[] all = draft.storesOf(region, null);
      if (isolation.isWidest(all)) {
        return Finding.nothing("it has all its replicas, on good stores");
      }
      @Nullable Peer worst = null;
      double least = 0;
      for (Peer peer : region.descriptor().peers()) {
        int store = draft.view().indexOf(peer.store());
        double score = store < 0 ? -1 : isolation.score(store, all);
        if (worst == null || score < least) {
          worst = peer;
          least = score;
        }
      }
      if (worst == null) {
        return Finding.nothing("it has no replica");
      }
      Peer old = worst;
      int[] others = draft.storesOf(region, old);
      int target = search(region, others, least, /* strictly= */ true);
      return target < 0
          ? Finding.nothing(() -> "its replicas stand as far apart as they can: "
              + Moves.whyNoTarget(draft, limits, isolation, others, region))
          : planned(
              region,
              Moves.replace(draft, region, old, draft.store(target).id()),
              old + " can stand farther from the others");
    }

    private int search(HeardRegion region, int[] others, double atLeast, boolean strictly) {
      searches++;
      return Moves.target(draft, limits, isolation, others, region, atLeast, strictly);
    }

    private static Finding planned(HeardRegion region, List<Step> steps, String why) {
      return new Finding.Planned(new Operator(NAME, Operator.Kind.REPLICA, region, steps, why));
    }
  }
}
