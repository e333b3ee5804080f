package io.quorate.bench.ycsb;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/**
 * Runs YCSB's own client in a process of its own: that client ends its process, and the cluster's processor time is not mixed with
 * the load's.
 *
 * @param workload which of A to F
 * @param records loaded and then asked for
 * @param operations of the run phase
 * @param seconds after which the run phase ends; 0 for never
 * @param threads closed-loop clients
 * @param rate operations per second to hold, 0 for as fast as it goes
 * @param fieldBytes size of a record's one field
 * @param placement PD's addresses
 * @param security how to connect, by {@link io.quorate.bench.ClientTlsOptions#properties}
 */
public record YcsbRun(
    YcsbWorkload workload,
    long records,
    long operations,
    long seconds,
    int threads,
    long rate,
    int fieldBytes,
    String placement,
    Map<String, String> security) {
  /** A second without an operation shows. */
  private static final int STATUS_SECONDS = 1;

  /** A phase of YCSB: put the records in, or run the workload on them. */
  public enum Phase {
    LOAD("-load"),
    RUN("-t");

    private final String flag;

    Phase(String flag) {
      this.flag = flag;
    }
  }

  /**
   * Runs one phase; progress goes to standard error.
   *
   * @param export where YCSB writes its measurements
   * @param json as JSON rather than as text
   * @return the process' exit code
   */
  public int run(Phase phase, Path export, boolean json) throws IOException, InterruptedException {
    Path properties = Files.createTempFile("quorate-ycsb", ".properties");
    try {
      try (OutputStream out = Files.newOutputStream(properties)) {
        properties(export, json).store(out, null);
      }
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.add("-Xmx512m");
      command.add("-Dlogback.configurationFile=quorate-quiet-logback.xml");
      if (Runtime.version().feature() >= 24) {
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("--sun-misc-unsafe-memory-access=allow");
      }
      command.addAll(List.of(
          "-cp", System.getProperty("java.class.path"), "site.ycsb.Client", phase.flag, "-s"));
      command.addAll(List.of("-db", QuorateYcsb.class.getName(), "-P", properties.toString()));
      Process client = new ProcessBuilder(command)
          .redirectOutput(new File("/dev/null"))
          .redirectError(ProcessBuilder.Redirect.INHERIT)
          .start();
      Thread reaper = new Thread(client::destroy, "ycsb-reaper");
      Runtime.getRuntime().addShutdownHook(reaper);
      try {
        return client.waitFor();
      } finally {
        Runtime.getRuntime().removeShutdownHook(reaper);
      }
    } finally {
      Files.deleteIfExists(properties);
    }
  }

  private Properties properties(Path export, boolean json) {
    Properties all = workload.properties();
    all.setProperty("recordcount", Long.toString(records));
    all.setProperty("operationcount", Long.toString(operations));
    if (seconds > 0) {
      all.setProperty("maxexecutiontime", Long.toString(seconds));
    }
    all.setProperty("threadcount", Integer.toString(threads));
    all.setProperty("target", Long.toString(rate));
    // Without it a thread of the load ends with its first failure, and the rest of its records is
    // never there.
    all.setProperty("core_workload_insertion_retry_limit", "3");
    all.setProperty("fieldcount", "1");
    all.setProperty("fieldlength", Integer.toString(fieldBytes));
    all.setProperty("writeallfields", "true");
    all.setProperty("measurementtype", "hdrhistogram");
    all.setProperty("hdrhistogram.percentiles", "50,90,95,99,99.9");
    all.setProperty("status.interval", Integer.toString(STATUS_SECONDS));
    all.setProperty("exportfile", export.toString());
    all.setProperty(
        "exporter",
        json
            ? "site.ycsb.measurements.exporter.JSONArrayMeasurementsExporter"
            : "site.ycsb.measurements.exporter.TextMeasurementsExporter");
    all.setProperty(QuorateYcsb.PLACEMENT, placement);
    security.forEach(all::setProperty);
    return all;
  }
}
