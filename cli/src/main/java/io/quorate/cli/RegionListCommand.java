package io.quorate.cli;

import io.quorate.client.placement.Located;
import io.quorate.client.placement.PlacementClient;
import io.quorate.client.placement.RegionListing;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Peer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code quorate region list}. */
@Command(name = "list", description = "Prints the regions in key order, as PD last heard of them.")
final class RegionListCommand implements Callable<Integer> {
  @Mixin
  private ClientOptions cluster = new ClientOptions();

  @Mixin
  private Output output = new Output();

  @Override
  public Integer call() {
    List<Located> regions = cluster.withPlacement(RegionListCommand::all);
    output.print(regions.stream().map(this::json).toList(), out -> {
      out.printf(
          "%-8s %-7s %-7s %-10s %-22s %s%n",
          "region", "epoch", "leader", "bytes", "replicas", "keys");
      regions.forEach(each -> out.printf(
          "%-8s %-7s %-7s %-10d %-22s %s%n",
          each.region().id(),
          each.region().epoch(),
          each.leader().map(peer -> "s" + peer.store()).orElse("-"),
          each.approximateBytes(),
          each.region().peers().stream().map(Peer::toString).collect(Collectors.joining(" ")),
          keys(each.region().range())));
    });
    return ExitCode.OK;
  }

  /** Every region, page by page. */
  static List<Located> all(PlacementClient placement) {
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

  private String keys(KeyRange range) {
    return "[" + cluster.text(range.start()) + ", "
        + (range.isUnbounded() ? "∞" : cluster.text(range.end())) + ")";
  }

  private Map<String, Object> json(Located located) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("region", located.region().id().value());
    cluster.put(json, "start", located.region().range().start());
    cluster.put(json, "end", located.region().range().end());
    json.put("epoch", located.region().epoch().toString());
    located.leader().ifPresent(peer -> json.put("leader_store", peer.store().value()));
    json.put("term", located.term());
    json.put("bytes", located.approximateBytes());
    json.put("keys", located.approximateKeys());
    json.put(
        "replicas",
        located.region().peers().stream()
            .map(peer -> Map.of(
                "store",
                peer.store().value(),
                "replica",
                peer.replica(),
                "role",
                peer.role().name()))
            .toList());
    return json;
  }
}
