package io.quorate.cli;

import io.quorate.client.placement.Located;
import io.quorate.client.placement.OracleState;
import io.quorate.client.placement.PlacementClient;
import io.quorate.proto.MembersResponse;
import io.quorate.proto.PlacementMember;
import io.quorate.proto.StoreState;
import io.quorate.proto.StoreStatus;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code quorate status}. */
@Command(
    name = "status",
    description =
        "Says how the cluster is. Exits with 1 if a store is not up or a region has no leader.")
final class StatusCommand implements Callable<Integer> {
  @Mixin
  private ClientOptions cluster = new ClientOptions();

  @Mixin
  private Output output = new Output();

  private record State(
      MembersResponse members,
      OracleState oracle,
      List<StoreStatus> stores,
      List<Located> regions) {
    long up() {
      return stores.stream()
          .filter(each -> each.getStore().getState() == StoreState.UP)
          .count();
    }

    long led() {
      return regions.stream().filter(each -> each.leader().isPresent()).count();
    }

    boolean bootstrapped() {
      return members.getBootstrapped();
    }

    boolean healthy() {
      return bootstrapped() && up() == stores.size() && led() == regions.size();
    }
  }

  @Override
  public Integer call() {
    State state = cluster.withPlacement(StatusCommand::ask);
    output.print(json(state), out -> {
      MembersResponse members = state.members;
      out.printf(
          "cluster   %016x, feature level %d%n",
          members.getEnvelope().getClusterId(), members.getFeatureLevel());
      members
          .getMembersList()
          .forEach(pd -> out.println("pd        " + pd.getMemberId() + " at " + pd.getAddress()
              + (pd.getMemberId() == members.getLeaderId()
                  ? ", leads in term " + members.getTerm()
                  : "")));
      if (!state.bootstrapped()) {
        out.println("waiting   for stores: " + members.getJoinedStores() + " of "
            + members.getBootstrapStores() + " joined");
      }
      out.println("stores    " + state.up() + " of " + state.stores.size() + " up");
      out.println("regions   " + state.led() + " of " + state.regions.size() + " with a leader");
      out.println(
          "revision  " + state.oracle.revision() + ", compacted " + state.oracle.compacted());
    });
    return state.healthy() ? ExitCode.OK : ExitCode.NO;
  }

  private static State ask(PlacementClient placement) {
    MembersResponse members = placement.members().join();
    return new State(
        members,
        members.getBootstrapped() ? placement.oracle().current().join() : OracleState.NONE,
        // One that was retired is no part of the cluster any more.
        placement.listStores().join().stream()
            .filter(each -> each.getStore().getState() != StoreState.RETIRED)
            .toList(),
        members.getBootstrapped() ? RegionListCommand.all(placement) : List.of());
  }

  private static Map<String, Object> json(State state) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("cluster", String.format("%016x", state.members.getEnvelope().getClusterId()));
    json.put("healthy", state.healthy());
    json.put("bootstrapped", state.bootstrapped());
    json.put("feature_level", state.members.getFeatureLevel());
    json.put("pd_leader", state.members.getLeaderId());
    json.put("pd_term", state.members.getTerm());
    Map<String, String> pds = new LinkedHashMap<>();
    for (PlacementMember member : state.members.getMembersList()) {
      pds.put(Long.toString(member.getMemberId()), member.getAddress());
    }
    json.put("pds", pds);
    json.put("stores", state.stores.size());
    json.put("stores_up", state.up());
    json.put("regions", state.regions.size());
    json.put("regions_led", state.led());
    json.put("revision", state.oracle.revision());
    json.put("compacted", state.oracle.compacted());
    return json;
  }
}
