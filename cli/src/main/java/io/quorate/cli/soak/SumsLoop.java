package io.quorate.cli.soak;

import io.quorate.client.placement.Located;
import io.quorate.client.placement.PlacementClient;
import io.quorate.client.placement.PlacementClientConfig;
import io.quorate.client.placement.PlacementException;
import io.quorate.client.placement.RegionListing;
import io.quorate.client.transport.ChannelFactory;
import io.quorate.client.transport.Endpoint;
import io.quorate.client.transport.TransportConfig;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.PeerRole;
import io.quorate.model.RegionId;
import io.quorate.proto.RegionCheck;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Has all replicas of all regions compared once the cluster is whole, and tells which differ. Thread: its caller's, which it
 * blocks.
 *
 * @param patience with the cluster until it is whole, and again until all leaders have told
 */
record SumsLoop(Processes processes, Duration patience) {
  private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  /** A leader tells when the comparison is in its log; a follower compares once that has reached it. */
  private static final Duration FOLLOWERS = Duration.ofSeconds(2);

  /** What was found wrong, and how many regions were compared. */
  record Sums(long regions, List<String> wrong) {
    Sums {
      wrong = List.copyOf(wrong);
    }
  }

  Sums run() {
    List<String> wrong = new ArrayList<>();
    long[] compared = {0};
    try (ChannelFactory channels = new ChannelFactory(TransportConfig.defaults(), "sums-io");
        PlacementClient placement = PlacementClient.connect(
            PlacementClientConfig.defaults(Endpoint.parseList(processes.pdAddresses()), 0),
            channels)) {
      String lacking = await(() -> lacking(all(placement)));
      if (lacking.isEmpty()) {
        Map<RegionId, RegionCheck> before = checks(all(placement));
        lacking = await(() -> {
          // Ordered anew each time: a leader that changed meanwhile has forgotten.
          placement.admin().check(untold(all(placement), before), 0).join();
          pause(FOLLOWERS);
          List<Located> now = all(placement);
          compared[0] = now.size();
          List<RegionId> untold = untold(now, before);
          return untold.isEmpty() ? lacking(now) : "regions " + untold + " were not compared";
        });
      }
      if (!lacking.isEmpty()) {
        wrong.add("ReplicasAreEqual: not whole within " + patience + ": " + lacking);
      }
    }
    processes.stores().forEach(store -> {
      String trouble = processes.trouble(store);
      if (!trouble.isEmpty()) {
        wrong.add("ReplicasAreEqual: " + store + ": " + trouble);
      }
    });
    return new Sums(compared[0], wrong);
  }

  private interface Look {
    /** What is lacking; empty if nothing. */
    String look();
  }

  private String await(Look look) {
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      String lacking;
      try {
        lacking = look.look();
      } catch (PlacementException | CompletionException e) {
        lacking = String.valueOf(e.getMessage());
      }
      if (lacking.isEmpty() || System.nanoTime() - deadline >= 0) {
        return lacking;
      }
      LockSupport.parkNanos(LOOK_AGAIN_NANOS);
    }
  }

  private static void pause(Duration time) {
    long deadline = System.nanoTime() + time.toNanos();
    for (long left = time.toNanos(); left > 0; left = deadline - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  private static List<Located> all(PlacementClient placement) {
    List<Located> regions = new ArrayList<>();
    Bytes from = Bytes.EMPTY;
    while (true) {
      RegionListing page = placement.lookup(KeyRange.of(from, Bytes.EMPTY), 0).join();
      regions.addAll(page.regions());
      if (!page.more() || page.regions().isEmpty()) {
        return regions;
      }
      from = page.regions().get(page.regions().size() - 1).region().range().end();
    }
  }

  private static String lacking(List<Located> regions) {
    Tiling tiling = Tiling.of(regions.stream().map(Located::region).toList());
    if (!tiling.holes().isEmpty() || !tiling.overlaps().isEmpty()) {
      return "the map does not tile: " + tiling;
    }
    Optional<Located> unwell = regions.stream()
        .filter(region -> region.leader().isEmpty()
            || !region.down().isEmpty()
            || !region.pending().isEmpty()
            || region.region().peers().stream().anyMatch(peer -> peer.role() != PeerRole.VOTER))
        .findFirst();
    return unwell.map(region -> "unwell is " + region).orElse("");
  }

  private static Map<RegionId, RegionCheck> checks(List<Located> regions) {
    Map<RegionId, RegionCheck> checks = new HashMap<>();
    regions.forEach(
        region -> region.check().ifPresent(check -> checks.put(region.region().id(), check)));
    return checks;
  }

  private static List<RegionId> untold(List<Located> regions, Map<RegionId, RegionCheck> before) {
    return regions.stream()
        .filter(region -> region
            .check()
            .filter(check -> !check.equals(before.get(region.region().id())))
            .isEmpty())
        .map(region -> region.region().id())
        .toList();
  }
}
