package io.quorate.placement.schedule;

import java.util.Arrays;
import java.util.Optional;

/**
 * The names, defaults and bounds of all that schedulers heed; PD's own names where PD has one. The command line, the
 * configuration file and the help are made from this list.
 */
public enum Setting {
  MAX_REPLICAS("max-replicas", Kind.COUNT, "3", 1, 7, "Replicas of each region."),
  LOCATION_LABELS(
      "location-labels",
      Kind.NAMES,
      "",
      0,
      0,
      "Store labels that replicas are spread over, the widest first, such as zone,rack,host."),
  ISOLATION_LEVEL(
      "isolation-level",
      Kind.NAMES,
      "",
      0,
      0,
      "The one of --location-labels in which two replicas never may stand together; empty: best effort."),
  LEADER_SCHEDULE_LIMIT(
      "leader-schedule-limit", Kind.COUNT, "4", 0, 10_000, "Leader transfers under way at once."),
  REGION_SCHEDULE_LIMIT(
      "region-schedule-limit",
      Kind.COUNT,
      "2048",
      0,
      100_000,
      "Balancing moves under way at once."),
  REPLICA_SCHEDULE_LIMIT(
      "replica-schedule-limit",
      Kind.COUNT,
      "64",
      0,
      100_000,
      "Repairs of replicas under way at once."),
  MERGE_SCHEDULE_LIMIT(
      "merge-schedule-limit", Kind.COUNT, "8", 0, 10_000, "Merges of regions under way at once."),
  HOT_REGION_SCHEDULE_LIMIT(
      "hot-region-schedule-limit",
      Kind.COUNT,
      "4",
      0,
      10_000,
      "Moves of busy regions under way at once."),
  MAX_STORE_DOWN_TIME(
      "max-store-down-time",
      Kind.TIME,
      "30m",
      1_000,
      31L * 86_400_000,
      "Silence after which a store is given up and its replicas are made anew elsewhere."),
  MAX_SNAPSHOT_COUNT(
      "max-snapshot-count",
      Kind.COUNT,
      "64",
      1,
      10_000,
      "Replicas that a store sends or receives at once."),
  MAX_PENDING_PEER_COUNT(
      "max-pending-peer-count",
      Kind.COUNT,
      "64",
      1,
      100_000,
      "Replicas of a store that may lag before it gets no further ones."),
  STORE_LIMIT_ADD_PEER(
      "store-limit-add-peer",
      Kind.RATIO,
      "15",
      0,
      100_000,
      "Replicas a minute that one store gets; small ones count a fifth."),
  STORE_LIMIT_REMOVE_PEER(
      "store-limit-remove-peer",
      Kind.RATIO,
      "15",
      0,
      100_000,
      "Replicas a minute that are taken from one store; small ones count a fifth."),
  TOLERANT_SIZE_RATIO(
      "tolerant-size-ratio",
      Kind.RATIO,
      "0",
      0,
      1_000,
      "Difference between stores, in average regions, that is left alone; 0: by the number of regions."),
  LOW_SPACE_RATIO(
      "low-space-ratio",
      Kind.RATIO,
      "0.8",
      0,
      1,
      "A disk that is fuller than this gets no more replicas."),
  HIGH_SPACE_RATIO(
      "high-space-ratio",
      Kind.RATIO,
      "0.7",
      0,
      1,
      "Up to this, sizes alone decide; above, free space does more and more."),
  MIN_HOT_BYTE_RATE(
      "min-hot-byte-rate",
      Kind.BYTES,
      "128KiB",
      1,
      1L << 40,
      "Bytes a second, read and written, below which no region is hot."),
  ENABLE_MERGE("enable-merge", Kind.FLAG, "false", 0, 1, "Whether small neighbours are merged."),
  SPLIT_MERGE_INTERVAL(
      "split-merge-interval",
      Kind.TIME,
      "1h",
      0,
      31L * 86_400_000,
      "A region that was split is not merged for so long."),
  MAX_MERGE_REGION_SIZE(
      "max-merge-region-size",
      Kind.BYTES,
      "54MiB",
      0,
      1L << 40,
      "Regions larger than this are not merged."),
  MAX_MERGE_REGION_KEYS(
      "max-merge-region-keys",
      Kind.COUNT,
      "540000",
      0,
      1L << 40,
      "Regions with more keys than this are not merged."),
  PATROL_REGION_INTERVAL(
      "patrol-region-interval",
      Kind.TIME,
      "100ms",
      10,
      60_000,
      "Pause between two rounds of planning where there is work."),
  MAX_SCHEDULE_INTERVAL(
      "max-schedule-interval",
      Kind.TIME,
      "2s",
      10,
      600_000,
      "Pause between two rounds of planning where there is none."),
  SCHEDULE_COLLECT_TIME(
      "schedule-collect-time",
      Kind.TIME,
      "5m",
      0,
      3_600_000,
      "A new PD leader plans once nine of ten regions were heard, at the latest after this."),
  OPERATOR_STEP_TIMEOUT(
      "operator-step-timeout",
      Kind.TIME,
      "1m",
      100,
      86_400_000,
      "Time for a step that moves no data; more for large regions."),
  OPERATOR_SLOW_STEP_TIMEOUT(
      "operator-slow-step-timeout",
      Kind.TIME,
      "10m",
      100,
      86_400_000,
      "Time for a new replica to catch up; more for large regions."),
  OPERATOR_RESEND_INTERVAL(
      "operator-resend-interval",
      Kind.TIME,
      "2s",
      50,
      600_000,
      "An order whose effect was not heard is repeated after this."),
  OPERATOR_RETRY_PAUSE(
      "operator-retry-pause",
      Kind.TIME,
      "10s",
      0,
      86_400_000,
      "A region whose operator failed is left alone for so long."),
  STALE_REPLICA_AGE(
      "stale-replica-age",
      Kind.TIME,
      "10s",
      0,
      86_400_000,
      "A replica that its region does not count is destroyed after this."),
  SCATTER_TTL(
      "scatter-ttl",
      Kind.TIME,
      "3m",
      1_000,
      86_400_000,
      "How long the regions of a bulk split are kept apart.");

  /** How the text of a setting is read. */
  public enum Kind {
    COUNT("N"),
    RATIO("R"),
    TIME("TIME"),
    BYTES("SIZE"),
    FLAG("BOOL"),
    NAMES("NAME,…");

    private final String placeholder;

    Kind(String placeholder) {
      this.placeholder = placeholder;
    }

    public String placeholder() {
      return placeholder;
    }
  }

  private final String key;
  private final Kind kind;
  private final String byDefault;
  private final double min;
  private final double max;
  private final String description;

  Setting(String key, Kind kind, String byDefault, double min, double max, String description) {
    this.key = key;
    this.kind = kind;
    this.byDefault = byDefault;
    this.min = min;
    this.max = max;
    this.description = description;
  }

  public static Optional<Setting> named(String key) {
    return Arrays.stream(values()).filter(setting -> setting.key.equals(key)).findFirst();
  }

  public String key() {
    return key;
  }

  public Kind kind() {
    return kind;
  }

  public String byDefault() {
    return byDefault;
  }

  public String description() {
    return description;
  }

  double min() {
    return min;
  }

  double max() {
    return max;
  }
}
