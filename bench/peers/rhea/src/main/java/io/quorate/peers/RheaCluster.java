package io.quorate.peers;

import com.alipay.sofa.jraft.option.NodeOptions;
import com.alipay.sofa.jraft.option.RaftOptions;
import com.alipay.sofa.jraft.rhea.options.PlacementDriverOptions;
import com.alipay.sofa.jraft.rhea.options.RegionEngineOptions;
import com.alipay.sofa.jraft.rhea.options.RegionRouteTableOptions;
import com.alipay.sofa.jraft.rhea.options.RheaKVStoreOptions;
import com.alipay.sofa.jraft.rhea.options.RocksDBOptions;
import com.alipay.sofa.jraft.rhea.options.StoreEngineOptions;
import com.alipay.sofa.jraft.rhea.storage.StorageType;
import com.alipay.sofa.jraft.rhea.util.Constants;
import com.alipay.sofa.jraft.util.Endpoint;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/**
 * What servers and clients of a RheaKV cluster must agree on, and its translation into RheaKV's options: no placement
 * driver, regions cut beforehand, all else as RheaKV has it by default.
 */
public final class RheaCluster {
  private static final long CLUSTER_ID = 1;
  private static final String CLUSTER_NAME = "peers";

  /** One of the ranges; an absent bound is an open end. */
  private record Range(long regionId, String start, String end) {}

  @Option(names = "--peers", required = true, description = "all stores: host:port,host:port,...")
  String peers;

  @Option(
      names = "--regions",
      defaultValue = "1",
      description = "ranges the keys are cut into, e.g. 1 or 8 (${DEFAULT-VALUE})")
  int regions;

  /** Options of the store that listens on an address and keeps its data in a directory. */
  RheaKVStoreOptions store(Endpoint address, Path directory, int keys) {
    RaftOptions raft = new RaftOptions();
    raft.setSync(true);
    raft.setSyncMeta(true);
    NodeOptions node = new NodeOptions();
    node.setRaftOptions(raft);
    RocksDBOptions rocks = new RocksDBOptions();
    rocks.setDbPath(directory.resolve("db").toString());
    StoreEngineOptions store = new StoreEngineOptions();
    store.setStorageType(StorageType.RocksDB);
    store.setRocksDBOptions(rocks);
    store.setRaftDataPath(directory.resolve("raft").toString());
    store.setServerAddress(address);
    store.setCommonNodeOptions(node);
    store.setRegionEngineOptionsList(engines(keys));
    RheaKVStoreOptions options = common(List.of());
    options.setStoreEngineOptions(store);
    return options;
  }

  /** Options of a client. */
  RheaKVStoreOptions client(int keys, boolean batching) {
    RheaKVStoreOptions options = common(routes(keys));
    options.getBatchingOptions().setAllowBatching(batching);
    return options;
  }

  private RheaKVStoreOptions common(List<RegionRouteTableOptions> routes) {
    PlacementDriverOptions placement = new PlacementDriverOptions();
    placement.setFake(true);
    placement.setRegionRouteTableOptionsList(routes);
    RheaKVStoreOptions options = new RheaKVStoreOptions();
    options.setClusterId(CLUSTER_ID);
    options.setClusterName(CLUSTER_NAME);
    options.setInitialServerList(peers);
    options.setPlacementDriverOptions(placement);
    return options;
  }

  private List<RegionEngineOptions> engines(int keys) {
    List<RegionEngineOptions> engines = new ArrayList<>();
    for (Range range : ranges(keys)) {
      RegionEngineOptions engine = new RegionEngineOptions();
      engine.setRegionId(range.regionId());
      if (range.start() != null) {
        engine.setStartKey(range.start());
      }
      if (range.end() != null) {
        engine.setEndKey(range.end());
      }
      engines.add(engine);
    }
    return engines;
  }

  private List<RegionRouteTableOptions> routes(int keys) {
    List<RegionRouteTableOptions> routes = new ArrayList<>();
    for (Range range : ranges(keys)) {
      RegionRouteTableOptions route = new RegionRouteTableOptions();
      route.setRegionId(range.regionId());
      if (range.start() != null) {
        route.setStartKey(range.start());
      }
      if (range.end() != null) {
        route.setEndKey(range.end());
      }
      routes.add(route);
    }
    return routes;
  }

  private List<Range> ranges(int keys) {
    if (regions == 1) {
      return List.of(new Range(Constants.DEFAULT_REGION_ID, null, null));
    }
    List<String> boundaries = KeySpace.boundaries(keys, regions);
    List<Range> ranges = new ArrayList<>();
    for (int i = 0; i < regions; i++) {
      ranges.add(new Range(
          i + 1L,
          i == 0 ? null : boundaries.get(i - 1),
          i == regions - 1 ? null : boundaries.get(i)));
    }
    return ranges;
  }
}
