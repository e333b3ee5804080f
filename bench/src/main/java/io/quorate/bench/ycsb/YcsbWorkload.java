package io.quorate.bench.ycsb;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;

/** YCSB's core workloads A to F as their authors define them (YCSB repository, folder workloads). */
public enum YcsbWorkload {
  A(
      "half reads, half updates",
      "zipfian",
      Map.of("readproportion", "0.5", "updateproportion", "0.5")),
  B(
      "95 % reads, 5 % updates",
      "zipfian", Map.of("readproportion", "0.95", "updateproportion", "0.05")),
  C("reads only", "zipfian", Map.of("readproportion", "1")),
  D(
      "95 % reads of the latest, 5 % inserts",
      "latest", Map.of("readproportion", "0.95", "insertproportion", "0.05")),
  E(
      "95 % short scans, 5 % inserts",
      "zipfian",
      Map.of("scanproportion", "0.95", "insertproportion", "0.05", "maxscanlength", "100")),
  F(
      "half reads, half read-modify-writes",
      "zipfian",
      Map.of("readproportion", "0.5", "readmodifywriteproportion", "0.5"));

  private static final List<String> PROPORTIONS = List.of(
      "readproportion",
      "updateproportion",
      "insertproportion",
      "scanproportion",
      "readmodifywriteproportion");

  private final String meaning;
  private final String distribution;

  @SuppressWarnings("ImmutableEnumChecker") // Map.of makes it unchangeable
  private final Map<String, String> mix;

  YcsbWorkload(String meaning, String distribution, Map<String, String> mix) {
    this.meaning = meaning;
    this.distribution = distribution;
    this.mix = mix;
  }

  /**
   * The workload of this letter.
   *
   * @throws IllegalArgumentException if there is none; the message lists them
   */
  public static YcsbWorkload named(String letter) {
    return Arrays.stream(values())
        .filter(workload -> workload.name().equals(letter.toUpperCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException(
            "there is no YCSB workload '" + letter + "'; choose one of " + listing()));
  }

  /** All workloads with their meaning, for help texts. */
  public static String listing() {
    return Arrays.stream(values())
        .map(workload -> workload.name().toLowerCase(Locale.ROOT) + " (" + workload.meaning + ")")
        .collect(Collectors.joining(", "));
  }

  /** YCSB's properties for this workload; proportions that it does not name are 0. */
  public Properties properties() {
    Properties properties = new Properties();
    properties.setProperty("workload", "site.ycsb.workloads.CoreWorkload");
    properties.setProperty("requestdistribution", distribution);
    PROPORTIONS.forEach(name -> properties.setProperty(name, "0"));
    mix.forEach(properties::setProperty);
    return properties;
  }
}
