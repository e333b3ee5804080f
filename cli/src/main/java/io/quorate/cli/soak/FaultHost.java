package io.quorate.cli.soak;

import io.quorate.client.placement.Located;
import io.quorate.client.placement.PlacementClient;
import io.quorate.client.placement.PlacementClientConfig;
import io.quorate.client.placement.RegionListing;
import io.quorate.client.transport.ChannelFactory;
import io.quorate.client.transport.Endpoint;
import io.quorate.client.transport.TransportConfig;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.StoreDescriptor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/** Does faults to the processes of a cluster, and undoes them. Thread: its caller's. */
public final class FaultHost implements AutoCloseable {
  private static final Duration LEADER_MAX = Duration.ofSeconds(10);
  private static final Duration LOOK_AGAIN = Duration.ofMillis(50);

  private final Processes processes;
  private final Random random;
  private final ChannelFactory channels =
      new ChannelFactory(TransportConfig.defaults(), "faults-io");
  private final PlacementClient placement;

  /** Nothing is done yet. */
  public FaultHost(Processes processes, long seed) {
    this.processes = processes;
    this.random = new Random(seed);
    this.placement = PlacementClient.connect(
        PlacementClientConfig.defaults(Endpoint.parseList(processes.pdAddresses()), 0), channels);
  }

  /**
   * Strikes.
   *
   * @return the processes that were struck
   */
  public List<String> strike(Fault fault) {
    List<String> struck = switch (fault) {
      case KILL_STORE, PAUSE_STORE -> List.of(leadingStore());
      case KILL_STORES -> processes.stores();
      case KILL_ALL -> all();
      case KILL_PD_LEADER, PAUSE_PD_LEADER -> List.of("pd-" + pdLeader());
    };
    if (fault == Fault.PAUSE_STORE || fault == Fault.PAUSE_PD_LEADER) {
      struck.forEach(processes::pause);
    } else {
      processes.kill(struck);
    }
    return struck;
  }

  /** Kills the store that leads the key's region, as PD last heard; nobody, if none is known to. */
  void killLeaderOf(Bytes key) {
    RegionListing listing = placement.lookup(KeyRange.single(key), 1).join();
    listing.regions().stream()
        .map(Located::leader)
        .flatMap(Optional::stream)
        .flatMap(
            leader -> listing.stores().stream().filter(store -> store.id().equals(leader.store())))
        .map(store -> processes.storeAt(store.clientAddress()))
        .forEach(name -> processes.kill(List.of(name)));
  }

  /** Undoes the fault, as far as processes go; the cluster needs a moment more. */
  public void heal(Fault fault, List<String> struck) {
    if (fault == Fault.PAUSE_STORE || fault == Fault.PAUSE_PD_LEADER) {
      struck.forEach(processes::resume);
    } else {
      processes.startMissing();
    }
  }

  private List<String> all() {
    List<String> all = new ArrayList<>(processes.stores());
    all.addAll(processes.pds());
    return all;
  }

  /** Some store that leads a region, as PD last heard. */
  private String leadingStore() {
    RegionListing listing = placement.lookup(KeyRange.ALL, 0).join();
    List<StoreDescriptor> leading = listing.stores().stream()
        .filter(store -> listing.regions().stream()
            .map(Located::leader)
            .flatMap(Optional::stream)
            .anyMatch(leader -> leader.store().equals(store.id())))
        .toList();
    if (leading.isEmpty()) {
      throw new IllegalStateException("no store leads a region");
    }
    return processes.storeAt(leading.get(random.nextInt(leading.size())).clientAddress());
  }

  /** Member id of the placement driver that leads; waits for one a while. */
  public long pdLeader() {
    long deadline = System.nanoTime() + LEADER_MAX.toNanos();
    while (true) {
      long leader = placement.members().join().getLeaderId();
      if (leader != 0) {
        return leader;
      }
      if (System.nanoTime() - deadline >= 0) {
        throw new IllegalStateException("no placement driver leads");
      }
      LockSupport.parkNanos(LOOK_AGAIN.toNanos());
    }
  }

  @Override
  public void close() {
    placement.close();
    channels.close();
  }
}
