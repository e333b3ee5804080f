package io.quorate.cli;

import io.quorate.client.placement.PlacementClient;
import io.quorate.proto.StoreStatus;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code quorate store list}. */
@Command(
    name = "list",
    description = "Prints all stores that ever joined, as PD last heard of them.")
final class StoreListCommand implements Callable<Integer> {
  @Mixin
  private ClientOptions cluster = new ClientOptions();

  @Mixin
  private Output output = new Output();

  @Override
  public Integer call() {
    List<StoreStatus> stores =
        cluster.withPlacement((PlacementClient pd) -> pd.listStores().join());
    output.print(stores.stream().map(StoreListCommand::json).toList(), out -> print(out, stores));
    return ExitCode.OK;
  }

  static void print(PrintWriter out, List<StoreStatus> stores) {
    out.printf(
        "%-6s %-13s %-21s %-21s %-8s %-8s %-10s %s%n",
        "store", "state", "clients", "peers", "regions", "leaders", "used", "labels");
    stores.forEach(each -> out.printf(
        "%-6d %-13s %-21s %-21s %-8d %-8d %-10d %s%n",
        each.getStore().getStoreId(),
        each.getStore().getState(),
        each.getStore().getClientAddress(),
        each.getStore().getPeerAddress(),
        each.getStats().getRegionCount(),
        each.getStats().getLeaderCount(),
        each.getStats().getUsedBytes(),
        new TreeMap<>(each.getStore().getLabelsMap())));
  }

  static Map<String, Object> json(StoreStatus status) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("store", status.getStore().getStoreId());
    json.put("state", status.getStore().getState().name());
    json.put("clients", status.getStore().getClientAddress());
    json.put("peers", status.getStore().getPeerAddress());
    json.put("labels", status.getStore().getLabelsMap());
    json.put("regions", status.getStats().getRegionCount());
    json.put("leaders", status.getStats().getLeaderCount());
    json.put("used_bytes", status.getStats().getUsedBytes());
    json.put("available_bytes", status.getStats().getAvailableBytes());
    json.put("highest_revision", status.getStats().getHighestRevision());
    json.put("silence_ms", status.getSilenceMs());
    return json;
  }
}
