package io.quorate.placement.schedule;

import io.quorate.placement.registry.HeardRegion;
import java.util.List;

/** Takes all leaderships from stores in maintenance and from those about to stop. */
public final class EvictLeaders implements Scheduler {
  public static final String NAME = "evict-leader-scheduler";

  /** Transfers under way at once; more than balancing may: somebody waits to stop the process. */
  private static final int UNDER_WAY_MAX = 64;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<Operator> plan(ClusterView view, Limits limits) {
    Draft draft = new Draft(view);
    int room = UNDER_WAY_MAX - view.running(Operator.Kind.LEADER);
    for (int store = 0; store < view.storeCount(); store++) {
      if (!view.store(store).shedsLeaders()) {
        continue;
      }
      for (int index : view.led(store)) {
        if (draft.planned().size() >= room) {
          return draft.planned();
        }
        if (judge(draft, view.region(index)) instanceof Finding.Planned planned) {
          draft.add(planned.operator());
        }
      }
    }
    return draft.planned();
  }

  @Override
  public Finding judge(ClusterView view, Limits limits, HeardRegion region) {
    return judge(new Draft(view), region);
  }

  private static Finding judge(Draft draft, HeardRegion region) {
    String busy = draft.busy(region);
    if (busy != null) {
      return Finding.nothing(busy);
    }
    int leader = draft.leader(region);
    if (leader < 0 || !draft.store(leader).shedsLeaders()) {
      return Finding.nothing("its leader's store is not to lose its leaders");
    }
    int heir = Moves.follower(draft, region, any -> true);
    if (heir < 0) {
      return Finding.nothing("its leader shall leave, but none of its other replicas could lead");
    }
    return new Finding.Planned(new Operator(
        NAME,
        Operator.Kind.LEADER,
        region,
        List.of(
            new Step.TransferLeader(draft.store(leader).id(), draft.store(heir).id())),
        "store " + draft.store(leader).id() + " shall lead nothing"));
  }
}
