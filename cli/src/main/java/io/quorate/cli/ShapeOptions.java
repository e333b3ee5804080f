package io.quorate.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** Options that say how a new cluster's keyspace is cut; later starts ignore them. Filled in by picocli. */
final class ShapeOptions {
  @Option(
      names = "--split-keys",
      split = ",",
      paramLabel = "KEY",
      description =
          "Keys at which the new cluster's regions begin (UTF-8, separated by commas). Default: one region.")
  private List<String> splitKeys = new ArrayList<>();

  @Option(
      names = "--split-even",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Instead of --split-keys: cut YCSB's keys into N regions of about equal size. Default: 0 (do not).")
  private int splitEven;

  @Option(
      names = "--key-prefix",
      paramLabel = "TEXT",
      defaultValue = "user",
      description = "What YCSB's keys begin with, for --split-even. Default: ${DEFAULT-VALUE}.")
  private String keyPrefix = "user";

  @Option(
      names = {"--replicas", "--max-replicas"},
      paramLabel = "N",
      defaultValue = "3",
      description =
          "Replicas of each region; fewer if there are fewer stores. Default: ${DEFAULT-VALUE}.")
  private int replicas;

  ClusterShape shape() {
    return new ClusterShape(splitKeys, splitEven, keyPrefix, replicas);
  }
}
