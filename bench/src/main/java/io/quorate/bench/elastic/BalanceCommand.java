package io.quorate.bench.elastic;

import io.quorate.bench.BenchTarget;
import io.quorate.client.QuorateClient;
import io.quorate.client.placement.Located;
import io.quorate.client.placement.PlacementClient;
import io.quorate.client.placement.RegionListing;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.proto.StoreState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code quorate bench balance}: how evenly the stores share bytes and leaders. */
@Command(
    name = "balance",
    description = {
      "Prints what each store that is up has of replicas, bytes and leaders, and how far the farthest is from the mean.",
      "Exit code 1 if that is more than --within, after --wait."
    },
    mixinStandardHelpOptions = true)
public final class BalanceCommand implements Callable<Integer> {
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

  @Mixin
  private BenchTarget target = new BenchTarget();

  @Option(
      names = "--within",
      defaultValue = "15",
      description = "Percent of the mean (default ${DEFAULT-VALUE}).")
  double within;

  @Option(
      names = "--wait",
      defaultValue = "0s",
      description = "How long to wait until it is so (default ${DEFAULT-VALUE}).")
  Duration wait = Duration.ZERO;

  @Option(
      names = "--stores",
      defaultValue = "0",
      description = "Wait until so many stores are up, too (default ${DEFAULT-VALUE}).")
  int stores;

  @Override
  public Integer call() throws InterruptedException {
    long began = System.nanoTime();
    try (QuorateClient client = target.open()) {
      while (true) {
        Balance balance = look(client.placement());
        boolean even = balance.shares().size() >= stores && balance.isWithin(within / 100);
        long waited = System.nanoTime() - began;
        if (even || waited >= wait.toNanos()) {
          System.out.println(balance);
          System.out.printf("%s after %d s%n", even ? "even" : "uneven", waited / 1_000_000_000);
          return even ? 0 : 1;
        }
        Thread.sleep(LOOK_AGAIN.toMillis());
      }
    }
  }

  private static Balance look(PlacementClient placement) {
    List<Long> up = placement.listStores().join().stream()
        .filter(store -> store.getStore().getState() == StoreState.UP)
        .map(store -> store.getStore().getStoreId())
        .toList();
    List<Located> regions = new ArrayList<>();
    Bytes from = Bytes.EMPTY;
    boolean more = true;
    while (more) {
      RegionListing page = placement.lookup(KeyRange.of(from, Bytes.EMPTY), 0).join();
      regions.addAll(page.regions());
      more = page.more() && !page.regions().isEmpty();
      if (more) {
        from = page.regions().get(page.regions().size() - 1).region().range().end();
      }
    }
    return Balance.of(up, regions);
  }
}
