package io.quorate.placement.schedule;

import io.quorate.model.Peer;
import io.quorate.model.StoreId;
import io.quorate.placement.registry.HeardRegion;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What is planned for a region or a store, or why nothing is: the planning rules' own words. Pure. */
public final class Why {
  /** Regions that one answer names. */
  private static final int REGIONS_NAMED = 20;

  private Why() {}

  /** One line for each rule. */
  public static List<String> region(
      ClusterView view,
      Limits limits,
      List<Scheduler> rules,
      Set<String> paused,
      HeardRegion region) {
    List<String> lines = new ArrayList<>();
    Operator running = view.busy().running().get(region.descriptor().id());
    if (running != null) {
      lines.add("under way: " + running);
      return lines;
    }
    for (Scheduler rule : rules) {
      Finding finding = rule.judge(view, limits, region);
      String what = finding instanceof Finding.Planned planned
          ? "plans " + planned.operator().steps() + ": " + finding.why()
          : "nothing: " + finding.why();
      lines.add(rule.name() + (paused.contains(rule.name()) ? " (paused) " : " ") + what);
    }
    return lines;
  }

  /** How the store stands, what it gets and gives, and, where it is to be emptied, what is left and why. */
  public static List<String> store(ClusterView view, Limits limits, StoreId id) {
    List<String> lines = new ArrayList<>();
    StoreView store = view.store(id).orElse(null);
    if (store == null) {
      lines.add("no store has the id " + id);
      return lines;
    }
    StoreView.Tally tally = store.tally();
    lines.add("state " + store.store().state() + ", heard as " + store.liveness()
        + (store.stopping() ? ", about to stop" : ""));
    lines.add("counts " + tally.replicas() + " replicas with " + tally.bytes() / (1 << 20)
        + " MiB, leads " + tally.leaders() + ", operators under way included");
    lines.add("new replicas: " + words(Refusal.ofTarget(store, limits)));
    lines.add("leaderships: " + words(Refusal.ofLeader(store)));
    if (store.isMeantToServe() && !store.isGivenUp()) {
      lines.add(balance(view, limits, store));
    } else {
      lines.addAll(remaining(view, limits, store));
    }
    return lines;
  }

  private static String words(@Nullable Refusal refusal) {
    return refusal == null ? "welcome" : "none, because " + refusal.words();
  }

  private static String balance(ClusterView view, Limits limits, StoreView store) {
    double sum = 0;
    int count = 0;
    for (StoreView other : view.stores()) {
      if (other.isMeantToServe() && other.isUp()) {
        sum += BalanceRegions.score(other, limits);
        count++;
      }
    }
    return String.format(
        "balance: its score is %.1f MiB, the average %.1f, differences up to %.1f are left alone",
        BalanceRegions.score(store, limits) / (1 << 20),
        sum / Math.max(1, count) / (1 << 20),
        BalanceRegions.tolerance(view, limits) / (1 << 20));
  }

  private static List<String> remaining(ClusterView view, Limits limits, StoreView store) {
    List<String> lines = new ArrayList<>();
    ReplicaChecker checker = new ReplicaChecker();
    int[] held = view.held(view.indexOf(store.id()));
    if (store.store().state() == io.quorate.model.StoreDescriptor.State.MAINTENANCE) {
      lines.add("its replicas stay and are not repaired while it is in maintenance; it leads "
          + view.led(view.indexOf(store.id())).length);
      return lines;
    }
    lines.add(held.length + " replicas remain; it says itself to hold " + store.held());
    for (int i = 0; i < Math.min(REGIONS_NAMED, held.length); i++) {
      HeardRegion region = view.region(held[i]);
      Operator running = view.busy().running().get(region.descriptor().id());
      Peer peer = region.descriptor().peerOn(store.id()).orElse(null);
      String what = running != null
          ? "under way: " + running
          : checker.judge(view, limits, region).why();
      lines.add("region " + region.descriptor().id() + " (" + peer + "): " + what);
    }
    if (held.length > REGIONS_NAMED) {
      lines.add("and " + (held.length - REGIONS_NAMED) + " more");
    }
    return lines;
  }
}
