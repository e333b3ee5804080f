package io.quorate.embedded;

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
import io.quorate.auth.Callers;
import io.quorate.auth.ClusterKey;
import io.quorate.auth.Principal;
import io.quorate.client.ClientConfig;
import io.quorate.client.Credentials;
import io.quorate.client.DeleteOptions;
import io.quorate.client.QuorateClient;
import io.quorate.client.RefusedException;
import io.quorate.client.TxnOp;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.proto.RefusalCode;
import io.quorate.proto.etcd.AuthDisableRequest;
import io.quorate.proto.etcd.AuthEnableRequest;
import io.quorate.proto.etcd.AuthGrpc;
import io.quorate.proto.etcd.AuthRoleAddRequest;
import io.quorate.proto.etcd.AuthRoleDeleteRequest;
import io.quorate.proto.etcd.AuthRoleGetRequest;
import io.quorate.proto.etcd.AuthRoleGrantPermissionRequest;
import io.quorate.proto.etcd.AuthRoleListRequest;
import io.quorate.proto.etcd.AuthRoleRevokePermissionRequest;
import io.quorate.proto.etcd.AuthStatusRequest;
import io.quorate.proto.etcd.AuthUserAddRequest;
import io.quorate.proto.etcd.AuthUserChangePasswordRequest;
import io.quorate.proto.etcd.AuthUserDeleteRequest;
import io.quorate.proto.etcd.AuthUserGetRequest;
import io.quorate.proto.etcd.AuthUserGrantRoleRequest;
import io.quorate.proto.etcd.AuthUserListRequest;
import io.quorate.proto.etcd.AuthUserRevokeRoleRequest;
import io.quorate.proto.etcd.AuthenticateRequest;
import io.quorate.proto.etcd.Compare;
import io.quorate.proto.etcd.DeleteRangeRequest;
import io.quorate.proto.etcd.KVGrpc;
import io.quorate.proto.etcd.LeaseGrantRequest;
import io.quorate.proto.etcd.LeaseGrpc;
import io.quorate.proto.etcd.LeaseRevokeRequest;
import io.quorate.proto.etcd.MaintenanceGrpc;
import io.quorate.proto.etcd.PutRequest;
import io.quorate.proto.etcd.RangeRequest;
import io.quorate.proto.etcd.RequestOp;
import io.quorate.proto.etcd.SnapshotRequest;
import io.quorate.proto.etcd.TxnRequest;
import io.quorate.proto.etcd.WatchCreateRequest;
import io.quorate.proto.etcd.WatchGrpc;
import io.quorate.proto.etcd.WatchRequest;
import io.quorate.proto.etcd.WatchResponse;
import io.quorate.proto.etcd.auth.Permission;
import io.quorate.testing.HeardAnswers;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Users and roles against three stores and two regions: by etcd's API, its JSON and the native protocol. */
class EtcdAuthIT {
  private static final String DENIED = "PERMISSION_DENIED: etcdserver: permission denied";
  private static final String NOBODY = "INVALID_ARGUMENT: etcdserver: user name is empty";
  private static final String NO_TOKEN = "UNAUTHENTICATED: etcdserver: invalid auth token";
  private static final String WRONG =
      "INVALID_ARGUMENT: etcdserver: authentication failed, invalid user ID or password";
  private static final Duration BRIEF = Duration.ofSeconds(5);

  private static EmbeddedCluster cluster;
  private static ManagedChannel first;
  private static ManagedChannel second;

  @BeforeAll
  static void start() {
    cluster =
        EmbeddedCluster.builder().splitKeys("m").clusterKey(ClusterKey.random()).start();
    first =
        NettyChannelBuilder.forTarget(cluster.storeAddress(1)).usePlaintext().build();
    second =
        NettyChannelBuilder.forTarget(cluster.storeAddress(2)).usePlaintext().build();
  }

  @AfterAll
  static void stop() {
    first.shutdownNow();
    second.shutdownNow();
    cluster.close();
  }

  @Test
  void withoutAKeyNobodyIsAskedAndEnablingIsRefused() {
    try (EmbeddedCluster keyless = EmbeddedCluster.builder().stores(1).start()) {
      ManagedChannel channel =
          NettyChannelBuilder.forTarget(keyless.storeAddress(1)).usePlaintext().build();
      AuthGrpc.AuthBlockingStub auth = auth(channel);
      addUser(auth, "root", "r00t");
      auth.userGrantRole(
          AuthUserGrantRoleRequest.newBuilder().setUser("root").setRole("root").build());
      assertThatThrownBy(() -> auth.authEnable(AuthEnableRequest.getDefaultInstance()))
          .hasMessageContaining("FAILED_PRECONDITION")
          .hasMessageContaining("--cluster-key");
      assertThat(auth.authStatus(AuthStatusRequest.getDefaultInstance()).getEnabled())
          .isFalse();
      KVGrpc.newBlockingStub(channel)
          .put(PutRequest.newBuilder().setKey(utf8("k")).build());
      channel.shutdownNow();
    }
  }

  private static ByteString utf8(String text) {
    return ByteString.copyFromUtf8(text);
  }

  private static AuthGrpc.AuthBlockingStub auth(Channel channel) {
    return AuthGrpc.newBlockingStub(channel);
  }

  /** Root, and alice who reads all that begins with a/ and writes what begins with a/w. */
  @BeforeEach
  void enable() {
    AuthGrpc.AuthBlockingStub auth = auth(first);
    addUser(auth, "root", "r00t");
    auth.userGrantRole(
        AuthUserGrantRoleRequest.newBuilder().setUser("root").setRole("root").build());
    addUser(auth, "alice", "secret");
    auth.roleAdd(AuthRoleAddRequest.newBuilder().setName("some").build());
    grant(auth, Permission.Type.READ, "a/", "a0");
    grant(auth, Permission.Type.WRITE, "a/w", "a/x");
    auth.userGrantRole(
        AuthUserGrantRoleRequest.newBuilder().setUser("alice").setRole("some").build());
    auth.authEnable(AuthEnableRequest.getDefaultInstance());
  }

  @AfterEach
  void disable() {
    AuthGrpc.AuthBlockingStub root = auth(as(first, "root", "r00t"));
    root.authDisable(AuthDisableRequest.getDefaultInstance());
    AuthGrpc.AuthBlockingStub auth = auth(first);
    auth.userList(AuthUserListRequest.getDefaultInstance())
        .getUsersList()
        .forEach(user ->
            auth.userDelete(AuthUserDeleteRequest.newBuilder().setName(user).build()));
    auth.roleList(AuthRoleListRequest.getDefaultInstance())
        .getRolesList()
        .forEach(role ->
            auth.roleDelete(AuthRoleDeleteRequest.newBuilder().setRole(role).build()));
    KVGrpc.newBlockingStub(first)
        .deleteRange(DeleteRangeRequest.newBuilder()
            .setKey(utf8("a/"))
            .setRangeEnd(utf8("c"))
            .build());
  }

  private static void addUser(AuthGrpc.AuthBlockingStub auth, String name, String password) {
    auth.userAdd(
        AuthUserAddRequest.newBuilder().setName(name).setPassword(password).build());
  }

  private static void grant(
      AuthGrpc.AuthBlockingStub auth, Permission.Type type, String key, String end) {
    auth.roleGrantPermission(AuthRoleGrantPermissionRequest.newBuilder()
        .setName("some")
        .setPerm(Permission.newBuilder().setPermType(type).setKey(utf8(key)).setRangeEnd(utf8(end)))
        .build());
  }

  private static String token(Channel channel, String name, String password) {
    return auth(channel)
        .authenticate(
            AuthenticateRequest.newBuilder().setName(name).setPassword(password).build())
        .getToken();
  }

  private static Channel with(Channel channel, String token) {
    Metadata headers = new Metadata();
    headers.put(Callers.TOKEN, token);
    return ClientInterceptors.intercept(
        channel, MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  private static Channel as(Channel channel, String name, String password) {
    return with(channel, token(channel, name, password));
  }

  private static void put(Channel channel, String key) {
    var unused = KVGrpc.newBlockingStub(channel)
        .put(PutRequest.newBuilder().setKey(utf8(key)).setValue(utf8("v")).build());
  }

  private static long count(Channel channel, String key, String end) {
    return KVGrpc.newBlockingStub(channel)
        .range(
            RangeRequest.newBuilder().setKey(utf8(key)).setRangeEnd(utf8(end)).build())
        .getCount();
  }

  private static void refused(ThrowingCallable call, String why) {
    assertThatThrownBy(call).hasMessage(why);
  }

  @Test
  void whoShowsNothingOrSomethingWrongGetsNothing() {
    refused(() -> put(first, "a/w1"), NOBODY);
    refused(() -> count(second, "a/", "a0"), NOBODY);
    refused(() -> put(with(first, "forged.token.x"), "a/w1"), NO_TOKEN);
    String foreign = ClusterKey.random().sign(Principal.SYSTEM, Callers.now() + 600);
    refused(() -> put(with(first, foreign), "a/w1"), NO_TOKEN);
    refused(() -> token(first, "alice", "wrong"), WRONG);
    refused(() -> token(first, "nobody", "secret"), WRONG);
    assertThat(auth(second).authStatus(AuthStatusRequest.getDefaultInstance()).getEnabled())
        .isTrue();
  }

  @Test
  void whoLogsInGetsWhatHisRolesGiveOnEveryStore() {
    String token = token(first, "alice", "secret");
    for (Channel store : new Channel[] {with(first, token), with(second, token)}) {
      put(store, "a/w1");
      assertThat(count(store, "a/", "a0")).isEqualTo(1);
      refused(() -> put(store, "a/r1"), DENIED);
      refused(() -> put(store, "n/other-region"), DENIED);
      refused(() -> count(store, "a/", "b"), DENIED);
      refused(() -> count(store, "\0", "\0"), DENIED);
      refused(
          () -> KVGrpc.newBlockingStub(store)
              .deleteRange(DeleteRangeRequest.newBuilder()
                  .setKey(utf8("a/"))
                  .setRangeEnd(utf8("a0"))
                  .build()),
          DENIED);
    }
  }

  @Test
  void aTransactionNeedsBothBranches() {
    Channel alice = as(first, "alice", "secret");
    TxnRequest txn = TxnRequest.newBuilder()
        .addCompare(
            Compare.newBuilder().setKey(utf8("a/w1")).setTarget(Compare.CompareTarget.VERSION))
        .addSuccess(RequestOp.newBuilder()
            .setRequestPut(PutRequest.newBuilder().setKey(utf8("a/w1")).setValue(utf8("1"))))
        .build();
    assertThat(KVGrpc.newBlockingStub(alice).txn(txn).getSucceeded()).isTrue();
    TxnRequest other = txn.toBuilder()
        .addFailure(RequestOp.newBuilder()
            .setRequestPut(PutRequest.newBuilder().setKey(utf8("b")).setValue(utf8("1"))))
        .build();
    refused(() -> KVGrpc.newBlockingStub(alice).txn(other), DENIED);
    TxnRequest compare = txn.toBuilder()
        .addCompare(Compare.newBuilder().setKey(utf8("b")).setTarget(Compare.CompareTarget.VERSION))
        .build();
    refused(() -> KVGrpc.newBlockingStub(alice).txn(compare), DENIED);
  }

  @Test
  void aWatchIsRefusedOnItsStreamWhichGoesOn() throws Exception {
    HeardAnswers<WatchResponse> heard = new HeardAnswers<>();
    StreamObserver<WatchRequest> stream =
        WatchGrpc.newStub(as(first, "alice", "secret")).watch(heard);
    stream.onNext(create("b"));
    WatchResponse refused = heard.next();
    assertThat(refused.getCreated()).isTrue();
    assertThat(refused.getCanceled()).isTrue();
    assertThat(refused.getWatchId()).isEqualTo(-1);
    assertThat(refused.getCancelReason()).isEqualTo("etcdserver: permission denied");
    stream.onNext(create("a/w7"));
    assertThat(heard.next().getCanceled()).isFalse();
    stream.onCompleted();
  }

  private static WatchRequest create(String key) {
    return WatchRequest.newBuilder()
        .setCreateRequest(WatchCreateRequest.newBuilder().setKey(utf8(key)))
        .build();
  }

  @Test
  void changesHoldAtOnce() {
    Channel alice = as(second, "alice", "secret");
    AuthGrpc.AuthBlockingStub root = auth(as(first, "root", "r00t"));
    for (int i = 0; i < 5; i++) {
      put(alice, "a/w1");
      root.roleRevokePermission(AuthRoleRevokePermissionRequest.newBuilder()
          .setRole("some")
          .setKey(utf8("a/w"))
          .setRangeEnd(utf8("a/x"))
          .build());
      refused(() -> put(alice, "a/w1"), DENIED);
      grant(root, Permission.Type.WRITE, "a/w", "a/x");
    }
    root.userChangePassword(AuthUserChangePasswordRequest.newBuilder()
        .setName("alice")
        .setPassword("other")
        .build());
    refused(() -> put(alice, "a/w1"), NO_TOKEN);
    Channel again = as(second, "alice", "other");
    put(again, "a/w1");
    root.userRevokeRole(
        AuthUserRevokeRoleRequest.newBuilder().setName("alice").setRole("some").build());
    refused(() -> put(again, "a/w1"), DENIED);
    root.userDelete(AuthUserDeleteRequest.newBuilder().setName("alice").build());
    refused(() -> put(again, "a/w1"), NO_TOKEN);
  }

  @Test
  void aLeaseIsRevokedByWhoMayWriteItsKeys() {
    Channel root = as(first, "root", "r00t");
    Channel alice = as(first, "alice", "secret");
    long lease = LeaseGrpc.newBlockingStub(alice)
        .leaseGrant(LeaseGrantRequest.newBuilder().setTTL(600).build())
        .getID();
    for (String key : new String[] {"a/w1", "b/roots"}) {
      var unused = KVGrpc.newBlockingStub(root)
          .put(PutRequest.newBuilder().setKey(utf8(key)).setLease(lease).build());
    }
    LeaseRevokeRequest revoke = LeaseRevokeRequest.newBuilder().setID(lease).build();
    refused(() -> LeaseGrpc.newBlockingStub(alice).leaseRevoke(revoke), DENIED);
    try (QuorateClient direct = nativeClient("alice", "secret")) {
      assertThatThrownBy(() -> direct.leases().revoke(lease).join())
          .hasRootCauseMessage("etcdserver: permission denied");
    }
    var unused = LeaseGrpc.newBlockingStub(root).leaseRevoke(revoke);
    assertThat(count(root, "b/roots", "b/roots0")).isZero();
  }

  private static QuorateClient nativeClient(String user, String password) {
    return QuorateClient.open(ClientConfig.of(cluster.pdAddresses())
        .withTimeouts(BRIEF, Duration.ofSeconds(1))
        .withCredentials(Credentials.user(user, password)));
  }

  @Test
  void theNativeProtocolIsNoWayAround() {
    try (QuorateClient alice = nativeClient("alice", "secret")) {
      Bytes mine = Bytes.utf8("a/w9");
      alice.put(mine, Bytes.utf8("1")).join();
      assertThat(alice.get(mine).join()).isPresent();
      assertThat(alice.range(KeyRange.prefix(Bytes.utf8("a/"))).join().kvs()).isNotEmpty();
      denied(() -> alice.put(Bytes.utf8("b"), Bytes.EMPTY).join());
      denied(() -> alice.get(Bytes.utf8("zz")).join());
      denied(() -> alice.range(KeyRange.ALL).join());
      denied(() -> alice
          .deleteRange(KeyRange.prefix(Bytes.utf8("a/")), DeleteOptions.DEFAULT)
          .join());
      denied(() -> alice.txn().then(TxnOp.get(Bytes.utf8("b"))).commit().join());
      denied(
          () -> alice.restore(alice.range(KeyRange.prefix(mine)).join().kvs()).join());
      denied(() -> alice.watch(Bytes.utf8("b"), update -> {}).done().join());
      assertThatThrownBy(() -> alice.placement().admin().listSchedulers().join())
          .hasRootCauseMessage("etcdserver: permission denied");
      assertThatThrownBy(() -> alice.placement().auth().rules().join())
          .hasStackTraceContaining("only processes of the cluster");
    }
    try (QuorateClient nobody = QuorateClient.open(
        ClientConfig.of(cluster.pdAddresses()).withTimeouts(BRIEF, Duration.ofSeconds(1)))) {
      assertThatThrownBy(() -> nobody.get(Bytes.utf8("a/w9")).join())
          .hasMessageContaining("user name is empty");
    }
    try (QuorateClient wrong = nativeClient("alice", "wrong")) {
      assertThatThrownBy(() -> wrong.get(Bytes.utf8("a/w9")).join())
          .hasMessageContaining("authentication failed, invalid user ID or password");
    }
    try (QuorateClient root = nativeClient("root", "r00t")) {
      root.put(Bytes.utf8("b"), Bytes.EMPTY).join();
    }
  }

  private static void denied(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOf(CompletionException.class)
        .cause()
        .isInstanceOfSatisfying(
            RefusedException.class,
            refused -> assertThat(refused.code()).isEqualTo(RefusalCode.PERMISSION_DENIED));
  }

  @Test
  void aClientThatWasThereBeforeLogsInByItself() {
    auth(as(first, "root", "r00t")).authDisable(AuthDisableRequest.getDefaultInstance());
    try (QuorateClient alice = nativeClient("alice", "secret")) {
      Bytes mine = Bytes.utf8("a/w9");
      alice.put(mine, Bytes.utf8("1")).join();
      auth(first).authEnable(AuthEnableRequest.getDefaultInstance());
      Awaitility.await().ignoreExceptions().until(() -> {
        alice.put(mine, Bytes.utf8("2")).join();
        return true;
      });
      denied(() -> alice.put(Bytes.utf8("b"), Bytes.EMPTY).join());
    }
  }

  @Test
  void onlyRootAdministers() {
    Channel alice = as(first, "alice", "secret");
    AuthGrpc.AuthBlockingStub admin = auth(alice);
    refused(() -> addUser(admin, "bob", "x"), DENIED);
    refused(() -> admin.authDisable(AuthDisableRequest.getDefaultInstance()), DENIED);
    refused(() -> admin.userList(AuthUserListRequest.getDefaultInstance()), DENIED);
    refused(
        () -> MaintenanceGrpc.newBlockingStub(alice)
            .snapshot(SnapshotRequest.getDefaultInstance())
            .next(),
        DENIED);
    assertThat(admin
            .userGet(AuthUserGetRequest.newBuilder().setName("alice").build())
            .getRolesList())
        .containsExactly("some");
    assertThat(admin
            .roleGet(AuthRoleGetRequest.newBuilder().setRole("some").build())
            .getPermCount())
        .isEqualTo(2);
    refused(() -> auth(first).userList(AuthUserListRequest.getDefaultInstance()), NOBODY);
  }

  @Test
  void theRulesForRootAndNames() {
    AuthGrpc.AuthBlockingStub root = auth(as(first, "root", "r00t"));
    String precondition = "FAILED_PRECONDITION: etcdserver: ";
    String invalid = "INVALID_ARGUMENT: etcdserver: ";
    refused(
        () -> root.userDelete(AuthUserDeleteRequest.newBuilder().setName("root").build()),
        invalid + "invalid auth management");
    refused(
        () -> root.userRevokeRole(AuthUserRevokeRoleRequest.newBuilder()
            .setName("root")
            .setRole("root")
            .build()),
        invalid + "invalid auth management");
    refused(() -> addUser(root, "alice", "x"), precondition + "user name already exists");
    refused(() -> addUser(root, "", "x"), invalid + "user name is empty");
    refused(
        () -> root.userGet(AuthUserGetRequest.newBuilder().setName("x").build()),
        precondition + "user name not found");
    refused(
        () -> root.roleAdd(AuthRoleAddRequest.newBuilder().setName("some").build()),
        precondition + "role name already exists");
    refused(
        () -> root.roleAdd(AuthRoleAddRequest.getDefaultInstance()),
        invalid + "role name is empty");
    refused(
        () -> root.roleGet(AuthRoleGetRequest.newBuilder().setRole("x").build()),
        precondition + "role name not found");
    refused(
        () -> root.userGrantRole(
            AuthUserGrantRoleRequest.newBuilder().setUser("alice").setRole("x").build()),
        precondition + "role name not found");
    refused(
        () -> root.userRevokeRole(
            AuthUserRevokeRoleRequest.newBuilder().setName("alice").setRole("x").build()),
        precondition + "role is not granted to the user");
    refused(
        () -> root.roleGrantPermission(
            AuthRoleGrantPermissionRequest.newBuilder().setName("some").build()),
        invalid + "permission not given");
    refused(
        () -> root.roleRevokePermission(AuthRoleRevokePermissionRequest.newBuilder()
            .setRole("some")
            .setKey(utf8("q"))
            .build()),
        precondition + "permission is not granted to the role");
  }

  @Test
  void jsonIsAskedTheSame() throws Exception {
    HttpResponse<String> nobody = post("/v3/kv/range", "{\"key\":\"YQ==\"}", "");
    assertThat(nobody.statusCode()).isEqualTo(400);
    assertThat(nobody.body()).contains("etcdserver: user name is empty");
    String token = token(first, "alice", "secret");
    HttpResponse<String> denied = post("/v3/kv/range", "{\"key\":\"Yg==\"}", token);
    assertThat(denied.statusCode()).isEqualTo(403);
    assertThat(post("/v3/kv/range", "{\"key\":\"YS93\"}", token).statusCode()).isEqualTo(200);
    assertThat(post("/v3/kv/range", "{\"key\":\"YS93\"}", "none").statusCode()).isEqualTo(401);
  }

  private static HttpResponse<String> post(String path, String body, String token)
      throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(
            URI.create("http://" + cluster.storeAddress(3) + path))
        .POST(HttpRequest.BodyPublishers.ofString(body));
    if (!token.isEmpty()) {
      request.header("Authorization", token);
    }
    return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
  }
}
