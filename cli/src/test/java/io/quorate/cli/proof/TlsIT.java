package io.quorate.cli.proof;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.cli.Quorate;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * A placement driver and two stores as processes that speak mutual TLS on every port, and who comes with what: both stores
 * are needed for a majority, so that each write shows that stores and PD trust each other.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TlsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final int UNAVAILABLE = 3;
  private static final int USAGE = 2;
  private static final int NOT_STARTED = 6;

  @TempDir
  static Path directory;

  private final List<Process> processes = new ArrayList<>();
  private TestAuthority authority;
  private TestAuthority stranger;
  private String pd;
  private int base;

  @BeforeAll
  void start() throws Exception {
    authority = new TestAuthority(directory.resolve("authority"));
    authority.sign("node");
    authority.sign("client");
    stranger = new TestAuthority(directory.resolve("stranger"));
    stranger.sign("client");
    base = FreeBase.port();
    pd = address(2);
    run(
        "pd-1",
        "pd",
        "run",
        "--listen",
        pd,
        "--bootstrap-stores",
        "2",
        "--replicas",
        "2",
        "--metrics-listen",
        address(4));
    for (int store = 1; store <= 2; store++) {
      run(
          "store-" + store,
          "store",
          "run",
          "--pd",
          pd,
          "--listen",
          address(10 * (store - 1)),
          "--peer-listen",
          address(10 * (store - 1) + 1),
          "--metrics-listen",
          address(10 * (store - 1) + 3));
    }
    Awaitility.await()
        .atMost(PATIENCE)
        .until(() -> quorate(line("put", "first", "1", trusted())).exitCode == 0);
  }

  @AfterAll
  void stop() throws Exception {
    for (Process process : processes) {
      process.destroy();
    }
    for (Process process : processes) {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }
  }

  private String address(int offset) {
    return "127.0.0.1:" + (base + offset);
  }

  /** A process whose certificate is in its configuration file, under the options' names. */
  private void run(String name, String... arguments) throws Exception {
    Path config = directory.resolve(name + ".properties");
    Files.writeString(
        config,
        "cert-file=" + authority.file("node.pem") + "\n"
            + "key-file=" + authority.file("node-key.pem") + "\n"
            + "trusted-ca-file=" + authority.file("ca.pem") + "\n"
            + "client-cert-auth=true\n");
    List<String> line = new ArrayList<>(List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        "-Xmx192m"));
    if (Runtime.version().feature() >= 24) {
      line.addAll(
          List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
    }
    line.addAll(List.of("-cp", System.getProperty("java.class.path"), "io.quorate.cli.Quorate"));
    line.addAll(List.of(arguments));
    line.addAll(
        List.of("--data-dir", directory.resolve(name).toString(), "--config", config.toString()));
    processes.add(new ProcessBuilder(line)
        .redirectErrorStream(true)
        .redirectOutput(directory.resolve(name + ".log").toFile())
        .start());
  }

  private record Ended(int exitCode, String out, String err) {}

  private static Ended quorate(List<String> arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode = Quorate.execute(
        new PrintWriter(out, true), new PrintWriter(err, true), arguments.toArray(String[]::new));
    return new Ended(exitCode, out.toString(), err.toString());
  }

  private List<String> trusted() {
    return List.of(
        "--cacert=" + authority.file("ca.pem"),
        "--cert=" + authority.file("client.pem"),
        "--key=" + authority.file("client-key.pem"));
  }

  private List<String> line(String command, String key, String value, List<String> tls) {
    List<String> line = new ArrayList<>(List.of(command, key));
    if (!value.isEmpty()) {
      line.add(value);
    }
    line.addAll(List.of("--pd", pd, "--timeout", "3s"));
    line.addAll(tls);
    return line;
  }

  private void refused(int exitCode, String words, List<String> tls) {
    Ended ended = quorate(line("get", "first", "", tls));
    assertThat(ended.exitCode).as("%s", ended).isEqualTo(exitCode);
    assertThat(ended.err.lines())
        .as("%s", ended)
        .singleElement()
        .asString()
        .startsWith("quorate: ")
        .contains(words)
        .doesNotContain("java.", "io.quorate.");
  }

  @Test
  void clientWithCertificateReadsAndWrites() {
    assertThat(quorate(line("put", "k", "v", trusted())).out).startsWith("OK, revision ");
    assertThat(quorate(line("get", "k", "", trusted())).out).isEqualToIgnoringNewLines("v");
  }

  @Test
  void benchmarksConnectLikeOtherClients() {
    List<String> load =
        new ArrayList<>(List.of("bench", "load", "--op", "load", "--keys", "10", "--pd", pd));
    load.addAll(trusted());
    assertThat(quorate(load).exitCode).isZero();
  }

  @Test
  void plaintextClientIsTold() {
    refused(UNAVAILABLE, "it seems to want TLS", List.of());
  }

  @Test
  void clientWithoutCertificateIsTold() {
    refused(
        UNAVAILABLE,
        "it wants a certificate that its authorities have signed",
        List.of("--cacert=" + authority.file("ca.pem")));
  }

  @Test
  void clientWithCertificateOfAnotherAuthorityIsTold() {
    refused(
        UNAVAILABLE,
        "it wants a certificate that its authorities have signed",
        List.of(
            "--cacert=" + authority.file("ca.pem"),
            "--cert=" + stranger.file("client.pem"),
            "--key=" + stranger.file("client-key.pem")));
  }

  @Test
  void clusterOfAnotherAuthorityIsNotTrusted() {
    refused(
        UNAVAILABLE,
        "not signed by the trusted authorities",
        List.of("--cacert=" + stranger.file("ca.pem")));
  }

  @Test
  void filesThatAreMissingOrSomethingElseAreNamed() throws Exception {
    Path diary = Files.writeString(directory.resolve("diary.txt"), "dear");
    refused(USAGE, "no-such-file", List.of("--cacert=no-such-file"));
    refused(USAGE, "diary.txt", List.of("--cacert=" + diary));
    refused(USAGE, "--key", List.of("--cert=" + authority.file("client.pem")));
  }

  @Test
  void plaintextStoreIsTold() {
    Ended ended = quorate(List.of(
        "store",
        "run",
        "--data-dir",
        directory.resolve("plain").toString(),
        "--pd",
        pd,
        "--listen",
        "127.0.0.1:0",
        "--peer-listen",
        "127.0.0.1:0",
        "--pd-timeout",
        "1s"));
    assertThat(ended.exitCode).isEqualTo(NOT_STARTED);
    assertThat(ended.err.lines()).singleElement().asString().contains("it seems to want TLS");
  }

  @Test
  void metersAndHealthAreShown() throws Exception {
    assertThat(http(address(3), "/health")).contains("\"health\":\"true\"");
    assertThat(http(address(4), "/health")).contains("\"health\":\"true\"");
    assertThat(http(address(3), "/metrics"))
        .contains(
            "quorate_raft_groups 1",
            "quorate_store_regions 1",
            "quorate_raft_log_syncs_seconds_count",
            "quorate_raft_propose_seconds_count",
            "quorate_raft_apply_seconds_count",
            "quorate_rocksdb_total_sst_files_bytes",
            "quorate_store_network_bytes_total",
            "jvm_memory_used_bytes");
    assertThat(http(address(4), "/metrics"))
        .contains("quorate_pd_oracle_revisions_total", "quorate_pd_stores");
  }

  @Test
  void theClientsPortSpeaksHttpToo() throws Exception {
    HttpClient client = HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .sslContext(authority.context())
        .build();
    HttpRequest version =
        HttpRequest.newBuilder(URI.create("https://" + address(0) + "/version")).build();
    assertThat(client.send(version, HttpResponse.BodyHandlers.ofString()).body())
        .contains("\"etcdserver\":\"3.5.");
  }

  /** First the certificate and then the key, so that for a while they do not fit. */
  @Test
  void replacedCertificatesAreShownWithoutARestart() throws Exception {
    authority.sign("renewed");
    List<Integer> ports = List.of(0, 1, 2);
    Files.copy(
        authority.file("renewed.pem"),
        authority.file("node.pem"),
        StandardCopyOption.REPLACE_EXISTING);
    for (int port : ports) {
      assertThat(shown(port)).as("port %s, of a pair that does not fit", port).contains("CN=node");
    }
    Files.copy(
        authority.file("renewed-key.pem"),
        authority.file("node-key.pem"),
        StandardCopyOption.REPLACE_EXISTING);
    for (int port : ports) {
      Awaitility.await().atMost(PATIENCE).until(() -> shown(port).contains("CN=renewed"));
    }
    assertThat(quorate(line("put", "renewed", "1", trusted())).out).startsWith("OK, revision ");
  }

  /** Whose certificate a port shows. */
  private String shown(int offset) throws Exception {
    try (SSLSocket socket = (SSLSocket)
        authority.context().getSocketFactory().createSocket("127.0.0.1", base + offset)) {
      socket.startHandshake();
      return socket.getSession().getPeerPrincipal().getName();
    }
  }

  private static String http(String address, String path) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create("http://" + address + path)).build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }
}
