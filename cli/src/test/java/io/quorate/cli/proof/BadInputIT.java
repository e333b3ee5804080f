package io.quorate.cli.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.cli.Quorate;
import io.quorate.client.ClientConfig;
import io.quorate.client.QuorateClient;
import io.quorate.client.QuorateException;
import io.quorate.client.RefusedException;
import io.quorate.embedded.EmbeddedCluster;
import io.quorate.model.Bytes;
import io.quorate.proto.RefusalCode;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever is given to the real command, the answer is one line that says what to do, and an exit code of the documented ones. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BadInputIT {
  private static final String ANY = "127.0.0.1:0";
  private static final String NOWHERE = "127.0.0.1:1";
  private static final int USAGE = 2;
  private static final int UNAVAILABLE = 3;
  private static final int REFUSED = 4;
  private static final int NOT_STARTED = 6;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir
  static Path directory;

  private EmbeddedCluster cluster;

  @BeforeAll
  void start() {
    cluster = EmbeddedCluster.builder()
        .stores(1)
        .dataDir(directory.resolve("cluster"))
        .start();
  }

  @AfterAll
  void stop() {
    cluster.close();
  }

  private record Ended(int exitCode, String out, String err) {}

  /** Runs the command here: what is wrong with the command line shows before anything is logged. */
  private static Ended quorate(List<String> arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode = Quorate.execute(
        new PrintWriter(out, true), new PrintWriter(err, true), arguments.toArray(String[]::new));
    return new Ended(exitCode, out.toString(), err.toString());
  }

  /** Runs the command as a process of its own, so that what it logs counts too. */
  private static Ended process(List<String> arguments) throws IOException, InterruptedException {
    List<String> line = new ArrayList<>(List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        "-Xmx128m"));
    if (Runtime.version().feature() >= 24) {
      line.addAll(
          List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
    }
    line.addAll(List.of("-cp", System.getProperty("java.class.path"), "io.quorate.cli.Quorate"));
    line.addAll(arguments);
    Process process = new ProcessBuilder(line).start();
    CompletableFuture<String> err =
        CompletableFuture.supplyAsync(() -> text(process.getErrorStream()));
    String out = text(process.getInputStream());
    boolean ended = process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    if (!ended) {
      process.destroyForcibly();
    }
    assertThat(ended).as("%s ends", arguments).isTrue();
    // A process that waits for its cluster says so in its log: that is no error.
    String errors = err.join()
        .lines()
        .filter(told -> !told.matches("\\S+ \\S+ INFO .*"))
        .collect(Collectors.joining("\n"));
    return new Ended(process.exitValue(), out, errors);
  }

  private static String text(InputStream stream) {
    try {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void refused(int exitCode, String words, String... arguments) {
    judge(quorate(List.of(arguments)), exitCode, words);
  }

  private static void processRefused(int exitCode, String words, String... arguments)
      throws Exception {
    judge(process(List.of(arguments)), exitCode, words);
  }

  private static void judge(Ended ended, int exitCode, String words) {
    assertThat(ended.err.lines())
        .as("%s", ended)
        .singleElement()
        .asString()
        .startsWith("quorate: ")
        .containsIgnoringCase(words)
        .doesNotContain("java.", "io.quorate.");
    assertThat(ended.out).isEmpty();
    assertThat(ended.exitCode).as("%s", ended).isEqualTo(exitCode);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "put k v --nonsense                   | --help",
        "nonsense                             | nonsense",
        "put k                                | VALUE",
        "get k --pd nonsense                  | host:port",
        "get k --pd 127.0.0.1:99999           | host:port",
        "get k --pd=                          | host:port",
        "get k --timeout soon                 | --timeout",
        "get zz --hex                         | --hex",
        "txn --then fly --pd 127.0.0.1:1      | fly",
        "store run                            | --data-dir",
        "store run --data-dir s --listen x    | host:port",
        "store run --data-dir s --labels zone | label",
        "pd run --data-dir p --peers x        | --peers",
        "pd run --data-dir p --id 3 --peers 1@127.0.0.1:2 | 3",
        "cluster start --dir c --pds 2        | --pds",
        "cluster stop --dir nothing-here      | --dir",
      })
  void commandLineThatMakesNoSense(String line, String words) {
    refused(USAGE, words, line.split(" "));
  }

  @Test
  void clusterThatCannotBeReached() throws Exception {
    processRefused(
        UNAVAILABLE, "--pd " + NOWHERE, "get", "k", "--pd", NOWHERE, "--timeout", "500ms");
    processRefused(NOT_STARTED, "--pd", store("new", "--pd", NOWHERE, "--pd-timeout", "1s"));
  }

  private String[] store(String data, String... more) {
    List<String> line = new ArrayList<>(List.of(
        "store", "run", "--data-dir", directory.resolve(data).toString(), "--peer-listen", ANY));
    if (!List.of(more).contains("--listen")) {
      line.addAll(List.of("--listen", ANY));
    }
    line.addAll(List.of(more));
    return line.toArray(String[]::new);
  }

  @Test
  void secondProcessOnADataDirectory() throws Exception {
    processRefused(
        NOT_STARTED,
        "in use by another process",
        store("cluster/store-1", "--pd", cluster.pdAddresses()));
  }

  @Test
  void portInUse() throws Exception {
    processRefused(
        NOT_STARTED,
        "choose another --listen",
        store("fresh", "--listen", cluster.storeAddress(1), "--pd", cluster.pdAddresses()));
    processRefused(
        NOT_STARTED,
        "--listen",
        "pd",
        "run",
        "--data-dir",
        directory.resolve("fresh-pd").toString(),
        "--listen",
        cluster.pdAddress(1));
  }

  @Test
  void dataDirectoryOfAnotherClustersStore() {
    EmbeddedCluster.builder()
        .stores(1)
        .dataDir(directory.resolve("other"))
        .start()
        .close();
    refused(
        NOT_STARTED,
        "give --pd of the right cluster",
        store("other/store-1", "--pd", cluster.pdAddresses()));
    refused(
        NOT_STARTED,
        "choose an empty --data-dir",
        store("other/pd-1", "--pd", cluster.pdAddresses()));
    refused(
        NOT_STARTED,
        "choose an empty --data-dir",
        "pd",
        "run",
        "--listen",
        ANY,
        "--data-dir",
        directory.resolve("other/store-1").toString());
  }

  @Test
  void dataDirectoryThatIsNone() throws Exception {
    Files.writeString(directory.resolve("file"), "not a directory");
    refused(NOT_STARTED, "--data-dir", store("file", "--pd", cluster.pdAddresses()));
    refused(
        NOT_STARTED,
        "--data-dir",
        "pd",
        "run",
        "--listen",
        ANY,
        "--data-dir",
        directory.resolve("file/pd").toString());
    Files.createDirectory(directory.resolve("diary"));
    Files.writeString(directory.resolve("diary/today.txt"), "dear");
    refused(
        NOT_STARTED, "choose an empty --data-dir", store("diary", "--pd", cluster.pdAddresses()));
  }

  @Test
  void dataDirectoryThatCannotBeWritten() {
    // Not even root may make a directory there.
    refused(
        NOT_STARTED,
        "--data-dir",
        "store",
        "run",
        "--listen",
        ANY,
        "--peer-listen",
        ANY,
        "--data-dir",
        "/proc/quorate",
        "--pd",
        cluster.pdAddresses());
  }

  @Test
  void emptyKey() throws Exception {
    processRefused(REFUSED, "key", "put", "", "v", "--pd", cluster.pdAddresses());
  }

  @Test
  void requestAboveTheLimitIsRefusedByTheClientAndByTheStoreAndHarmsNobody() {
    Bytes key = Bytes.utf8("large");
    Bytes large = Bytes.wrap(new byte[2 << 20]);
    ClientConfig careless = ClientConfig.of(cluster.pdAddresses()).withMaxRequestBytes(16 << 20);
    try (QuorateClient client = QuorateClient.connect(cluster.pdAddresses());
        QuorateClient bold = QuorateClient.open(careless)) {
      for (QuorateClient each : List.of(client, bold)) {
        assertThatThrownBy(() -> each.blocking().put(key, large))
            .isInstanceOf(RefusedException.class)
            .extracting(failure -> ((RefusedException) failure).code())
            .isEqualTo(RefusalCode.REQUEST_TOO_LARGE);
        assertThat(each.blocking().get(key)).isEmpty();
        assertThat(each.blocking().put(Bytes.utf8("small"), Bytes.utf8("v")).revision())
            .isPositive();
      }
    }
  }

  @Test
  void clientOfAnotherClusterIsToldSo() {
    ClientConfig other = ClientConfig.of(cluster.pdAddresses())
        .withClusterId(0x5eed)
        .withTimeouts(Duration.ofSeconds(3), Duration.ofSeconds(1));
    try (QuorateClient client = QuorateClient.open(other)) {
      assertThatThrownBy(() -> client.blocking().get(Bytes.utf8("k")))
          .isInstanceOf(QuorateException.class)
          .hasMessageContaining("cluster");
    }
  }
}
