package io.quorate.cli.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.quorate.cli.Quorate;
import io.quorate.client.ClientConfig;
import io.quorate.client.QuorateClient;
import io.quorate.client.TxnOp;
import io.quorate.client.transport.ChannelFactory;
import io.quorate.client.transport.Endpoint;
import io.quorate.client.transport.LoopChannel;
import io.quorate.client.transport.TlsConfig;
import io.quorate.client.transport.TransportConfig;
import io.quorate.model.Bytes;
import io.quorate.proto.etcd.AuthGrpc;
import io.quorate.proto.etcd.AuthUserGetRequest;
import io.quorate.proto.etcd.AuthUserListRequest;
import io.quorate.proto.etcd.AuthenticateRequest;
import io.quorate.proto.etcd.KVGrpc;
import io.quorate.proto.etcd.PutRequest;
import io.quorate.proto.etcd.RangeRequest;
import io.quorate.proto.etcd.WatchCreateRequest;
import io.quorate.proto.etcd.WatchGrpc;
import io.quorate.proto.etcd.WatchRequest;
import io.quorate.proto.etcd.WatchResponse;
import io.quorate.proto.health.HealthCheckRequest;
import io.quorate.proto.health.HealthCheckResponse;
import io.quorate.proto.health.HealthGrpc;
import io.quorate.testing.HeardAnswers;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
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
  /** What a connection of HTTP/2 begins with, and no settings. */
  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0".getBytes(StandardCharsets.ISO_8859_1);

  private static final int UNAVAILABLE = 3;
  private static final int USAGE = 2;
  private static final int NOT_STARTED = 6;

  @TempDir
  static Path directory;

  private final List<Process> processes = new ArrayList<>();
  private Path trust;
  private Path clusterKey;
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
    trust = Files.copy(authority.file("ca.pem"), directory.resolve("trust.pem"));
    clusterKey = Files.writeString(directory.resolve("cluster.key"), "0123456789".repeat(4));
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
            + "trusted-ca-file=" + trust + "\n"
            + "cluster-key=" + clusterKey + "\n"
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

  // ------------------------------------------------------------------ users by certificate

  private static final String DENIED = "etcdserver: permission denied";

  /** As whoever the certificates are for. */
  private Ended as(String certificate, String... words) {
    List<String> line = new ArrayList<>(List.of(words));
    line.addAll(List.of(
        "--pd=" + pd,
        "--timeout=30s",
        "--cacert=" + authority.file("ca.pem"),
        "--cert=" + authority.file(certificate + ".pem"),
        "--key=" + authority.file(certificate + "-key.pem")));
    return quorate(line);
  }

  private void done(Ended ended) {
    assertThat(ended.exitCode).as("%s", ended).isZero();
  }

  /** Enables authentication: alice, who has no password, may do what she wants with keys that begin with a/. */
  @Test
  void aCertificatesCommonNameIsAUser() throws Exception {
    authority.sign("alice");
    done(as("client", "user", "add", "root:r00t"));
    done(as("client", "user", "grant-role", "root", "root"));
    done(as("client", "role", "add", "some"));
    done(as("client", "role", "grant-permission", "some", "readwrite", "a/", "--prefix"));
    done(as("client", "user", "add", "alice", "--no-password"));
    done(as("client", "user", "grant-role", "alice", "some"));
    done(as("client", "auth", "enable"));
    try {
      byTheNativeProtocol();
      ManagedChannel alice = NettyChannelBuilder.forTarget(
              address(0), tls(authority.file("ca.pem"), "alice").credentials())
          .build();
      try {
        byEtcdsApi(alice);
      } finally {
        alice.shutdownNow();
      }
      byJson();
    } finally {
      done(as("client", "auth", "disable", "--user", "root:r00t"));
    }
  }

  private void byTheNativeProtocol() {
    done(as("alice", "put", "a/1", "1"));
    assertThat(as("alice", "get", "a/1").out).isEqualToIgnoringNewLines("1");
    assertThat(as("alice", "put", "b", "1").err).contains(DENIED);
    assertThat(as("alice", "range").err).contains(DENIED);
    assertThat(as("alice", "region", "split", "a/5").err).contains(DENIED);
    assertThat(as("client", "get", "a/1").err).as("who is no user").contains(DENIED);
    done(as("alice", "put", "b", "1", "--user", "root:r00t"));
    ClientConfig config = ClientConfig.of(pd)
        .withTransport(TransportConfig.defaults().withTls(tls(authority.file("ca.pem"), "alice")));
    try (QuorateClient client = QuorateClient.open(config)) {
      client.txn().then(TxnOp.get(Bytes.utf8("a/1"))).commit().join();
      assertThatThrownBy(
              () -> client.txn().then(TxnOp.get(Bytes.utf8("b"))).commit().join())
          .hasRootCauseMessage(DENIED);
      assertThatThrownBy(
              () -> client.watch(Bytes.utf8("b"), update -> {}).done().join())
          .hasRootCauseMessage(DENIED);
    }
  }

  private void byEtcdsApi(ManagedChannel alice) throws Exception {
    PutRequest mine = PutRequest.newBuilder().setKey(utf8("a/2")).build();
    PutRequest other = PutRequest.newBuilder().setKey(utf8("b")).build();
    var unused = KVGrpc.newBlockingStub(alice).put(mine);
    assertThatThrownBy(() -> KVGrpc.newBlockingStub(alice).put(other))
        .hasMessage("PERMISSION_DENIED: " + DENIED);
    assertThatThrownBy(() -> KVGrpc.newBlockingStub(alice)
            .range(RangeRequest.newBuilder()
                .setKey(utf8("a/"))
                .setRangeEnd(utf8("b"))
                .build()))
        .hasMessage("PERMISSION_DENIED: " + DENIED);
    assertThatThrownBy(() ->
            AuthGrpc.newBlockingStub(alice).userList(AuthUserListRequest.getDefaultInstance()))
        .hasMessage("PERMISSION_DENIED: " + DENIED);
    assertThat(AuthGrpc.newBlockingStub(alice)
            .userGet(AuthUserGetRequest.newBuilder().setName("alice").build())
            .getRolesList())
        .containsExactly("some");
    // A token says more than the certificate, and a bad one is not forgiven for its sake.
    String root = AuthGrpc.newBlockingStub(alice)
        .authenticate(
            AuthenticateRequest.newBuilder().setName("root").setPassword("r00t").build())
        .getToken();
    var byRoot = KVGrpc.newBlockingStub(with(alice, root)).put(other);
    assertThat(byRoot.hasHeader()).isTrue();
    assertThatThrownBy(() -> KVGrpc.newBlockingStub(with(alice, "none")).put(mine))
        .hasMessage("UNAUTHENTICATED: etcdserver: invalid auth token");
    HeardAnswers<WatchResponse> heard = new HeardAnswers<>();
    StreamObserver<WatchRequest> watches = WatchGrpc.newStub(alice).watch(heard);
    for (String key : List.of("b", "a/2")) {
      watches.onNext(WatchRequest.newBuilder()
          .setCreateRequest(WatchCreateRequest.newBuilder().setKey(utf8(key)))
          .build());
    }
    assertThat(heard.next())
        .extracting(WatchResponse::getCanceled, WatchResponse::getCancelReason)
        .containsExactly(true, DENIED);
    assertThat(heard.next())
        .extracting(WatchResponse::getCreated, WatchResponse::getCanceled)
        .containsExactly(true, false);
    watches.onCompleted();
  }

  private static ByteString utf8(String text) {
    return ByteString.copyFromUtf8(text);
  }

  private static Channel with(ManagedChannel channel, String token) {
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER), token);
    return ClientInterceptors.intercept(
        channel, MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  /** As in etcd, a certificate names nobody there. */
  private void byJson() throws Exception {
    HttpClient client = HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .sslContext(authority.context())
        .build();
    HttpRequest.Builder range = HttpRequest.newBuilder(
            URI.create("https://" + address(0) + "/v3/kv/range"))
        .POST(HttpRequest.BodyPublishers.ofString("{\"key\":\"YS8x\"}"));
    HttpResponse<String> nobody = client.send(range.build(), HttpResponse.BodyHandlers.ofString());
    assertThat(nobody.statusCode()).isEqualTo(400);
    assertThat(nobody.body()).contains("etcdserver: user name is empty");
    HttpRequest login = HttpRequest.newBuilder(
            URI.create("https://" + address(0) + "/v3/auth/authenticate"))
        .POST(HttpRequest.BodyPublishers.ofString("{\"name\":\"root\",\"password\":\"r00t\"}"))
        .build();
    String token = client
        .send(login, HttpResponse.BodyHandlers.ofString())
        .body()
        .replaceFirst("(?s).*\"token\" *: *\"([^\"]+)\".*", "$1");
    HttpResponse<String> root = client.send(
        range.header("Authorization", token).build(), HttpResponse.BodyHandlers.ofString());
    assertThat(root.statusCode()).as(root.body()).isEqualTo(200);
  }

  // ------------------------------------------------------------------ files that change

  /** Of clients, stores and placement drivers alike; who is taken while it stands in the file is not when it does not. */
  @Test
  void authoritiesAreReadAnewWithoutARestart() throws Exception {
    List<Integer> ports = List.of(0, 1, 2);
    List<String> strange = List.of(
        "--cacert=" + authority.file("ca.pem"),
        "--cert=" + stranger.file("client.pem"),
        "--key=" + stranger.file("client-key.pem"));
    for (int port : ports) {
      assertThat(takes(port, stranger)).as("port %s before", port).isFalse();
      assertThat(takes(port, authority)).as("port %s before", port).isTrue();
    }
    String old = Files.readString(trust);
    Files.writeString(trust, old + Files.readString(stranger.file("ca.pem")));
    for (int port : ports) {
      Awaitility.await().atMost(PATIENCE).until(() -> takes(port, stranger));
    }
    Awaitility.await()
        .atMost(PATIENCE)
        .until(() -> quorate(line("put", "stranger", "1", strange)).exitCode == 0);
    Files.writeString(trust, old);
    for (int port : ports) {
      Awaitility.await().atMost(PATIENCE).until(() -> !takes(port, stranger));
      assertThat(takes(port, authority)).as("port %s after", port).isTrue();
    }
    refused(UNAVAILABLE, "it wants a certificate that its authorities have signed", strange);
  }

  /** The same on the side of who connects: channels that one factory opens one after the other. */
  @Test
  void whoConnectsReadsItsAuthoritiesAnew() throws Exception {
    Path mine = Files.copy(stranger.file("ca.pem"), directory.resolve("client-trust.pem"));
    TransportConfig transport = TransportConfig.defaults().withTls(tls(mine, "client"));
    Endpoint store = Endpoint.parse(address(0));
    try (ChannelFactory channels = new ChannelFactory(transport, "test-io")) {
      assertThatThrownBy(() -> healthOf(channels.open(store))).hasMessageContaining("UNAVAILABLE");
      Files.writeString(mine, Files.readString(authority.file("ca.pem")));
      Awaitility.await()
          .atMost(PATIENCE)
          .ignoreExceptions()
          .until(() -> healthOf(channels.open(store)) == HealthCheckResponse.ServingStatus.SERVING);
    }
  }

  private TlsConfig tls(Path authorities, String name) {
    return new TlsConfig(
        Optional.of(authorities),
        Optional.of(new TlsConfig.Identity(
            authority.file(name + ".pem"), authority.file(name + "-key.pem"))));
  }

  private static HealthCheckResponse.ServingStatus healthOf(LoopChannel to) {
    return HealthGrpc.newBlockingStub(to.channel())
        .withDeadlineAfter(PATIENCE.toSeconds(), TimeUnit.SECONDS)
        .check(HealthCheckRequest.getDefaultInstance())
        .getStatus();
  }

  /** Whether a port talks HTTP/2 to who shows a certificate of that authority. */
  private boolean takes(int offset, TestAuthority signer) throws Exception {
    try (SSLSocket socket = (SSLSocket)
        authority.context(signer).getSocketFactory().createSocket("127.0.0.1", base + offset)) {
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setApplicationProtocols(new String[] {"h2"});
      socket.setSSLParameters(parameters);
      socket.setSoTimeout((int) PATIENCE.toMillis());
      socket.startHandshake();
      socket.getOutputStream().write(PREFACE);
      return socket.getInputStream().read() >= 0;
    } catch (SSLException | SocketException refused) {
      return false;
    }
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
