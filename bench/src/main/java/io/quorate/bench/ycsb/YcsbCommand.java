package io.quorate.bench.ycsb;

import io.quorate.bench.ClientTlsOptions;
import io.quorate.client.ClientConfig;
import io.quorate.client.QuorateClient;
import io.quorate.embedded.EmbeddedCluster;
import io.quorate.embedded.SplitKeys;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code quorate bench ycsb}: loads YCSB's records and runs one of its workloads by YCSB's own client. */
@Command(
    name = "ycsb",
    description = {
      "Loads YCSB's records, then runs one of its core workloads, by YCSB's own client over the Java SDK.",
      "With no --pd and no cluster on the default address it starts an embedded cluster of three stores and says so."
    },
    mixinStandardHelpOptions = true)
public final class YcsbCommand implements Callable<Integer> {
  private static final int EMBEDDED_STORES = 3;
  private static final int EMBEDDED_REGIONS = 8;
  private static final Pattern FAILED = Pattern.compile("Return=(?!OK)");
  private static final String DEFAULT_PLACEMENT = "127.0.0.1:2381";

  @Option(
      names = "--workload",
      defaultValue = "a",
      description = "a to f: a, b, c, d, e or f (default ${DEFAULT-VALUE}).")
  String workload = "";

  @Option(
      names = "--records",
      defaultValue = "100000",
      description = "Records to load (default ${DEFAULT-VALUE}).")
  long records;

  @Option(
      names = "--operations",
      defaultValue = "100000",
      description = "Operations of the run phase (default ${DEFAULT-VALUE}).")
  long operations;

  @Option(
      names = "--seconds",
      defaultValue = "0",
      description =
          "End the run phase after so long, however many operations are left; 0 for never (default ${DEFAULT-VALUE}).")
  long seconds;

  @Option(
      names = "--threads",
      defaultValue = "16",
      description = "Client threads (default ${DEFAULT-VALUE}).")
  int threads;

  @Option(
      names = "--rate",
      defaultValue = "0",
      description =
          "Operations per second to hold; 0 for as fast as it goes (default ${DEFAULT-VALUE}).")
  long rate;

  @Option(
      names = "--field-bytes",
      defaultValue = "256",
      description = "Size of a record's one field (default ${DEFAULT-VALUE}).")
  int fieldBytes;

  @Option(names = "--skip-load", description = "The records are there already.")
  boolean skipLoad;

  @Option(
      names = "--pd",
      description =
          "PD's addresses, host:port,… (default: $QUORATE_PD, else " + DEFAULT_PLACEMENT + ").")
  @Nullable
  String placement;

  @Mixin
  private ClientTlsOptions tls = new ClientTlsOptions();

  @Option(names = "--json", description = "Print YCSB's measurements as JSON.")
  boolean json;

  @Override
  public Integer call() throws Exception {
    YcsbWorkload chosen = YcsbWorkload.named(workload);
    Optional<String> named =
        Optional.ofNullable(placement).or(() -> Optional.ofNullable(System.getenv("QUORATE_PD")));
    String reachable = named.orElse(DEFAULT_PLACEMENT);
    if (named.isPresent() || answers(reachable)) {
      return run(chosen, reachable, tls.properties());
    }
    System.err.printf(
        Locale.ROOT,
        "No cluster on %s: starting an embedded one of %d stores and %d regions for this run.%n",
        reachable,
        EMBEDDED_STORES,
        EMBEDDED_REGIONS);
    try (EmbeddedCluster cluster = EmbeddedCluster.builder()
        .stores(EMBEDDED_STORES)
        .splitKeys(SplitKeys.evenly(EMBEDDED_REGIONS, "user"))
        .start()) {
      return run(chosen, cluster.pdAddresses(), Map.of());
    }
  }

  private int run(YcsbWorkload chosen, String reachable, Map<String, String> security)
      throws Exception {
    YcsbRun run = new YcsbRun(
        chosen, records, operations, seconds, threads, rate, fieldBytes, reachable, security);
    if (!skipLoad) {
      int loaded = phase(run, YcsbRun.Phase.LOAD);
      if (loaded != 0) {
        return loaded;
      }
    }
    return phase(run, YcsbRun.Phase.RUN);
  }

  private int phase(YcsbRun run, YcsbRun.Phase phase) throws Exception {
    Path export = Files.createTempFile("quorate-ycsb", ".out");
    try {
      int code = run.run(phase, export, json);
      if (!json) {
        System.out.println(phase == YcsbRun.Phase.LOAD ? "-- load" : "-- run " + run.workload());
      }
      String measured = Files.readString(export);
      System.out.print(measured);
      if (code == 0 && FAILED.matcher(measured).find()) {
        System.err.println("Some operations failed: see the lines with Return= other than OK.");
        return 1;
      }
      return code;
    } finally {
      Files.deleteIfExists(export);
    }
  }

  private boolean answers(String reachable) {
    QuorateClient client =
        QuorateClient.open(ClientConfig.of(reachable).withTransport(tls.transport()));
    try {
      client.placement().members().get(2, TimeUnit.SECONDS);
      return true;
    } catch (ExecutionException | TimeoutException unreachable) {
      return false;
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      client.close();
    }
  }
}
