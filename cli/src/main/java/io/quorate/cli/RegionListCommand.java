package io.quorate.cli;

import io.quorate.client.placement.Located;
import io.quorate.client.placement.PlacementClient;
import io.quorate.client.placement.RegionListing;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
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
    RegionTable table = new RegionTable(cluster);
    output.print(regions.stream().map(table::json).toList(), out -> table.print(out, regions));
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
}
