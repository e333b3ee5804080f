package io.quorate.cli;

import io.quorate.client.placement.Located;
import io.quorate.model.KeyRange;
import io.quorate.model.Peer;
import io.quorate.proto.RegionCheck;
import java.io.PrintWriter;
import java.time.Instant;
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

  /** What the replicas came to when they were last compared. */
  void printChecks(PrintWriter out, List<Located> regions) {
    out.printf(
        "%-8s %-10s %-10s %-18s %-10s %-24s %s%n",
        "region", "entry", "revision", "sum", "versions", "at", "replicas down");
    regions.forEach(each -> each.check()
        .ifPresent(check -> out.printf(
            "%-8s %-10d %-10d %-18s %-10d %-24s %s%n",
            each.region().id(),
            check.getIndex(),
            check.getRevision(),
            Long.toHexString(check.getSum()),
            check.getCount(),
            Instant.ofEpochMilli(check.getAtMs()),
            each.down().isEmpty() ? "-" : each.down())));
  }

  private static Map<String, Object> json(RegionCheck check) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("entry", check.getIndex());
    json.put("revision", check.getRevision());
    json.put("sum", Long.toHexString(check.getSum()));
    json.put("versions", check.getCount());
    json.put("at", Instant.ofEpochMilli(check.getAtMs()).toString());
    return json;
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
    json.put("down", List.copyOf(located.down()));
    json.put("pending", List.copyOf(located.pending()));
    located.check().ifPresent(check -> json.put("check", json(check)));
    return json;
  }
}
