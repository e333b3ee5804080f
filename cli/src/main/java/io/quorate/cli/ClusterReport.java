package io.quorate.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Which processes of a local cluster run, as looked up when it is made. */
final class ClusterReport {
  private final ClusterLayout layout;
  private final Map<String, Optional<Long>> pids = new LinkedHashMap<>();

  ClusterReport(ClusterHost cluster, ClusterLayout layout) {
    this.layout = layout;
    layout
        .names()
        .forEach(name -> pids.put(name, cluster.process(name).running().map(ProcessHandle::pid)));
  }

  boolean allRun() {
    return pids.values().stream().allMatch(Optional::isPresent);
  }

  private String address(String name) {
    int number = Integer.parseInt(name.substring(name.indexOf('-') + 1));
    return name.startsWith("pd-") ? layout.pdAddress(number) : layout.storeAddress(number);
  }

  Map<String, Object> toJson() {
    List<Map<String, Object>> processes = new ArrayList<>();
    pids.forEach((name, pid) -> {
      Map<String, Object> process = new LinkedHashMap<>();
      process.put("name", name);
      process.put("address", address(name));
      process.put("running", pid.isPresent());
      pid.ifPresent(number -> process.put("pid", number));
      processes.add(process);
    });
    return Map.of("pd", layout.pdAddresses(), "processes", processes);
  }

  List<String> lines() {
    List<String> lines = new ArrayList<>();
    pids.forEach((name, pid) -> lines.add(String.format(
        "%-10s %-21s %s",
        name, address(name), pid.map(number -> "pid " + number).orElse("not running"))));
    return lines;
  }
}
