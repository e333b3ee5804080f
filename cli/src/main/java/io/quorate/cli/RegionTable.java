package io.quorate.cli;

import io.quorate.client.placement.Located;
import io.quorate.model.KeyRange;
import io.quorate.model.Peer;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** How regions are printed, as a table or as JSON. */
final class RegionTable {
  private final ClientOptions cluster;

  /** @param cluster says how keys are printed */
  RegionTable(ClientOptions cluster) {
    this.cluster = cluster;
  }

  void print(PrintWriter out, List<Located> regions) {
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
  }

  private String keys(KeyRange range) {
    return "[" + cluster.text(range.start()) + ", "
        + (range.isUnbounded() ? "∞" : cluster.text(range.end())) + ")";
  }

  Map<String, Object> json(Located located) {
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
