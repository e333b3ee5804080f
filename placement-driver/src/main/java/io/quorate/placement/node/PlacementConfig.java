package io.quorate.placement.node;

import io.quorate.model.Bytes;
import io.quorate.model.Protocol;
import io.quorate.placement.cluster.BootstrapPlan;
import io.quorate.placement.history.HistoryLimits;
import io.quorate.placement.oracle.OracleLimits;
import io.quorate.placement.registry.LivenessLimits;
import io.quorate.placement.registry.RegistryLimits;
import io.quorate.placement.schedule.Limits;
import io.quorate.placement.schedule.Setting;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * All that a PD process is told.
 *
 * @param memberId this member's number in the PD group, 1 to 2^31-1
 * @param listen host:port for everything; port 0 takes a free one, only where this member is alone
 * @param advertise host:port under which others reach it; empty: as it listens
 * @param members all members of the PD group by number, this one included, with host:port; the same for each of them. Empty:
 *     this one alone
 * @param dataDir made if it is missing
 * @param bootstrapStores stores that must be up before the first regions are made, at least 1
 * @param splitKeys where the first regions end, ascending; n keys make n + 1 regions
 * @param featureLevel of a cluster founded by this member
 * @param electionTimeout silence of the leader after which another member campaigns; 100 ms to 60 s
 * @param tick how often this member looks for work of its own, 10 ms to 10 s
 * @param oracle bounds of the revision oracle
 * @param registry bounds of the registry
 * @param limits what schedulers heed, the number of replicas among it
 * @param history how the past is kept
 */
public record PlacementConfig(
    long memberId,
    String listen,
    String advertise,
    Map<Long, String> members,
    Path dataDir,
    int bootstrapStores,
    List<Bytes> splitKeys,
    long featureLevel,
    Duration electionTimeout,
    Duration tick,
    OracleLimits oracle,
    RegistryLimits registry,
    Limits limits,
    HistoryLimits history) {
  /** Where PD listens unless told otherwise. */
  public static final int DEFAULT_PORT = 2381;

  public PlacementConfig {
    members = Map.copyOf(members);
    splitKeys = List.copyOf(splitKeys);
    require(
        memberId >= 1 && memberId <= Integer.MAX_VALUE,
        "member id must be 1 to 2147483647: " + memberId);
    HostPort address = HostPort.parse("--listen", listen);
    if (!advertise.isEmpty()) {
      HostPort.parse("--advertise", advertise);
    }
    members.forEach((id, member) -> {
      require(id >= 1 && id <= Integer.MAX_VALUE, "member ids must be 1 to 2147483647: " + id);
      HostPort.parse("the address of member " + id, member);
    });
    require(
        members.isEmpty() || members.containsKey(memberId),
        "the member list " + members.keySet() + " does not name this member, " + memberId);
    require(
        members.size() <= 1 || address.port() != 0,
        "--listen needs a port where PD has several members");
    require(
        bootstrapStores >= 1 && bootstrapStores <= 1_000,
        "bootstrap stores must be 1 to 1000: " + bootstrapStores);
    require(featureLevel >= 1, "feature level must be at least 1: " + featureLevel);
    require(
        tick.toMillis() >= 10 && tick.toMillis() <= 10_000, "tick must be 10 ms to 10 s: " + tick);
    BootstrapPlan.checkSplitKeys(splitKeys);
  }

  /** One member alone, one region, bootstrapped by the first store. */
  public static PlacementConfig defaults(Path dataDir) {
    return new PlacementConfig(
        1,
        "127.0.0.1:" + DEFAULT_PORT,
        "",
        Map.of(),
        dataDir,
        1,
        List.of(),
        Protocol.FEATURE_LEVEL,
        Duration.ofSeconds(1),
        Duration.ofMillis(100),
        OracleLimits.defaults(),
        RegistryLimits.defaults(),
        Limits.defaults(),
        HistoryLimits.defaults());
  }

  public PlacementConfig withMember(
      long id, String listenOn, String reachedAt, Map<Long, String> all) {
    return with(draft -> {
      draft.memberId = id;
      draft.listen = listenOn;
      draft.advertise = reachedAt;
      draft.members = all;
    });
  }

  public PlacementConfig withListen(String listenOn) {
    return withMember(memberId, listenOn, advertise, members);
  }

  public PlacementConfig withBootstrap(int stores, List<Bytes> keys, int replicas) {
    return with(draft -> {
      draft.bootstrapStores = stores;
      draft.splitKeys = keys;
      draft.limits = limits.with(Setting.MAX_REPLICAS, Integer.toString(replicas));
    });
  }

  /** With what schedulers heed; the bounds of liveness are taken from it, too. */
  public PlacementConfig withSchedules(Limits schedules) {
    Duration down = schedules.time(Setting.MAX_STORE_DOWN_TIME);
    Duration half = down.dividedBy(2);
    Duration silent = registry.liveness().disconnectedAfter();
    RegistryLimits heeding = registry
        .withLiveness(new LivenessLimits(half.compareTo(silent) < 0 ? half : silent, down))
        .withStaleReplicaAge(schedules.time(Setting.STALE_REPLICA_AGE));
    return with(draft -> {
      draft.registry = heeding;
      draft.limits = schedules;
    });
  }

  /** Replicas of a region, where there are so many stores. */
  public int replicaCount() {
    return limits.count(Setting.MAX_REPLICAS);
  }

  public PlacementConfig withTimings(Duration election, Duration ticks) {
    return with(draft -> {
      draft.electionTimeout = election;
      draft.tick = ticks;
    });
  }

  public PlacementConfig withLimits(OracleLimits oracleLimits, RegistryLimits registryLimits) {
    return with(draft -> {
      draft.oracle = oracleLimits;
      draft.registry = registryLimits;
    });
  }

  public PlacementConfig withHistory(HistoryLimits kept) {
    return with(draft -> draft.history = kept);
  }

  private PlacementConfig with(Consumer<Draft> change) {
    Draft draft = new Draft();
    change.accept(draft);
    return draft.finish();
  }

  /** A copy while it is changed; used by one thread, within one call. */
  private final class Draft {
    private long memberId = PlacementConfig.this.memberId;
    private String listen = PlacementConfig.this.listen;
    private String advertise = PlacementConfig.this.advertise;
    private Map<Long, String> members = PlacementConfig.this.members;
    private int bootstrapStores = PlacementConfig.this.bootstrapStores;
    private List<Bytes> splitKeys = PlacementConfig.this.splitKeys;
    private Duration electionTimeout = PlacementConfig.this.electionTimeout;
    private Duration tick = PlacementConfig.this.tick;
    private OracleLimits oracle = PlacementConfig.this.oracle;
    private RegistryLimits registry = PlacementConfig.this.registry;
    private Limits limits = PlacementConfig.this.limits;
    private HistoryLimits history = PlacementConfig.this.history;

    PlacementConfig finish() {
      return new PlacementConfig(
          memberId,
          listen,
          advertise,
          members,
          dataDir,
          bootstrapStores,
          splitKeys,
          featureLevel,
          electionTimeout,
          tick,
          oracle,
          registry,
          limits,
          history);
    }
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException(message);
    }
  }
}
