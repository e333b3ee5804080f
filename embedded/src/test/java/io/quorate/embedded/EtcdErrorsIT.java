package io.quorate.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.quorate.auth.AuthError;
import io.quorate.auth.Callers;
import io.quorate.auth.ClusterKey;
import io.quorate.proto.etcd.AuthDisableRequest;
import io.quorate.proto.etcd.AuthEnableRequest;
import io.quorate.proto.etcd.AuthGrpc;
import io.quorate.proto.etcd.AuthRoleAddRequest;
import io.quorate.proto.etcd.AuthRoleDeleteRequest;
import io.quorate.proto.etcd.AuthRoleGetRequest;
import io.quorate.proto.etcd.AuthRoleGrantPermissionRequest;
import io.quorate.proto.etcd.AuthRoleRevokePermissionRequest;
import io.quorate.proto.etcd.AuthUserAddRequest;
import io.quorate.proto.etcd.AuthUserChangePasswordRequest;
import io.quorate.proto.etcd.AuthUserDeleteRequest;
import io.quorate.proto.etcd.AuthUserGetRequest;
import io.quorate.proto.etcd.AuthUserGrantRoleRequest;
import io.quorate.proto.etcd.AuthUserRevokeRoleRequest;
import io.quorate.proto.etcd.AuthenticateRequest;
import io.quorate.proto.etcd.ClusterGrpc;
import io.quorate.proto.etcd.CompactionRequest;
import io.quorate.proto.etcd.Compare;
import io.quorate.proto.etcd.DeleteRangeRequest;
import io.quorate.proto.etcd.HashKVRequest;
import io.quorate.proto.etcd.KVGrpc;
import io.quorate.proto.etcd.LeaseGrantRequest;
import io.quorate.proto.etcd.LeaseGrpc;
import io.quorate.proto.etcd.LeaseRevokeRequest;
import io.quorate.proto.etcd.MaintenanceGrpc;
import io.quorate.proto.etcd.MemberPromoteRequest;
import io.quorate.proto.etcd.MemberRemoveRequest;
import io.quorate.proto.etcd.MemberUpdateRequest;
import io.quorate.proto.etcd.MoveLeaderRequest;
import io.quorate.proto.etcd.PutRequest;
import io.quorate.proto.etcd.RangeRequest;
import io.quorate.proto.etcd.RequestOp;
import io.quorate.proto.etcd.SnapshotRequest;
import io.quorate.proto.etcd.SnapshotResponse;
import io.quorate.proto.etcd.TxnRequest;
import io.quorate.proto.etcd.WatchCreateRequest;
import io.quorate.proto.etcd.WatchGrpc;
import io.quorate.proto.etcd.WatchRequest;
import io.quorate.proto.etcd.WatchResponse;
import io.quorate.proto.etcd.auth.Permission;
import io.quorate.proto.etcd.election.CampaignRequest;
import io.quorate.proto.etcd.election.CampaignResponse;
import io.quorate.proto.etcd.election.ElectionGrpc;
import io.quorate.proto.etcd.election.LeaderKey;
import io.quorate.proto.etcd.election.LeaderRequest;
import io.quorate.proto.etcd.election.ProclaimRequest;
import io.quorate.proto.etcd.election.ResignRequest;
import io.quorate.proto.etcd.lock.LockGrpc;
import io.quorate.proto.etcd.lock.LockRequest;
import io.quorate.proto.etcd.mvcc.KeyValue;
import io.quorate.testing.HeardAnswers;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.SoftAssertions;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * Every error that etcd's clients know by its words, and what provokes it here: each row is a request, the code and the words. What
 * no request can provoke is listed in docs/etcd-compatibility.md.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class EtcdErrorsIT {
  private static final long PATIENCE_SECONDS = 60;
  private static final long FUTURE = 1L << 50;
  private static final int UNKNOWN_ENUM = 77;

  private static EmbeddedCluster cluster;
  private static ManagedChannel channel;

  /** The words of all rows that held, to see at the end that no error of users was left out. */
  private static final Set<String> provoked = new HashSet<>();

  @BeforeAll
  static void start() {
    cluster = EmbeddedCluster.builder()
        .stores(1)
        .splitKeys("m")
        .clusterKey(ClusterKey.random())
        .start();
    channel =
        NettyChannelBuilder.forTarget(cluster.storeAddress(1)).usePlaintext().build();
  }

  @AfterAll
  static void stop() {
    channel.shutdownNow();
    cluster.close();
  }

  private interface Call {
    Object make() throws Exception;
  }

  /** A table of requests and what each is refused with. */
  private static final class Table {
    private final SoftAssertions all = new SoftAssertions();

    Table row(Status.Code code, String words, Call request) {
      try {
        Object answer = request.make();
        all.fail("%s: %s was answered with %s", code, words, answer);
      } catch (StatusRuntimeException refused) {
        all.assertThat(refused.getStatus().getCode()).as(words).isEqualTo(code);
        all.assertThat(refused.getStatus().getDescription()).isEqualTo(words);
        provoked.add(words);
      } catch (Exception other) {
        all.fail(words, other);
      }
      return this;
    }

    void judge() {
      all.assertAll();
    }
  }

  private static ByteString utf8(String text) {
    return ByteString.copyFromUtf8(text);
  }

  private static KVGrpc.KVBlockingStub kv() {
    return KVGrpc.newBlockingStub(channel).withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  private static PutRequest.Builder put(String key) {
    return PutRequest.newBuilder().setKey(utf8(key));
  }

  private static RangeRequest.Builder range(String key) {
    return RangeRequest.newBuilder().setKey(utf8(key));
  }

  private static RequestOp op(PutRequest.Builder put) {
    return RequestOp.newBuilder().setRequestPut(put).build();
  }

  private static Object txn(RequestOp... operations) {
    return kv().txn(TxnRequest.newBuilder().addAllSuccess(List.of(operations)).build());
  }

  @Test
  @Order(1)
  void ofKeysAndValues() {
    kv().put(put("k").setValue(utf8("1")).build());
    long old = kv().put(put("k").setValue(utf8("2")).build()).getHeader().getRevision();
    long now = kv().put(put("k").setValue(utf8("3")).build()).getHeader().getRevision();
    kv().compact(CompactionRequest.newBuilder().setRevision(now).build());
    RequestOp[] many = new RequestOp[129];
    Arrays.setAll(many, i -> op(put("many/" + i)));
    String compacted = "etcdserver: mvcc: required revision has been compacted";
    String future = "etcdserver: mvcc: required revision is a future revision";
    String noKey = "etcdserver: key is not provided";
    String twice = "etcdserver: duplicate key given in txn request";
    new Table()
        .row(Status.Code.INVALID_ARGUMENT, noKey, () -> kv().range(range("").build()))
        .row(Status.Code.INVALID_ARGUMENT, noKey, () -> kv().put(put("").build()))
        .row(Status.Code.INVALID_ARGUMENT, noKey, () -> txn(op(put(""))))
        .row(
            Status.Code.OUT_OF_RANGE,
            future,
            () -> kv().range(range("k").setRevision(FUTURE).build()))
        .row(
            Status.Code.OUT_OF_RANGE,
            future,
            () ->
                kv().compact(CompactionRequest.newBuilder().setRevision(FUTURE).build()))
        .row(
            Status.Code.OUT_OF_RANGE,
            compacted,
            () -> kv().range(range("k").setRevision(old).build()))
        .row(
            Status.Code.OUT_OF_RANGE,
            compacted,
            () -> kv().compact(CompactionRequest.newBuilder().setRevision(old).build()))
        .row(
            Status.Code.OUT_OF_RANGE,
            compacted,
            () -> txn(RequestOp.newBuilder()
                .setRequestRange(range("k").setRevision(old))
                .build()))
        .row(
            Status.Code.INVALID_ARGUMENT,
            "etcdserver: invalid sort option",
            () -> kv().range(range("k").setSortTargetValue(UNKNOWN_ENUM).build()))
        .row(
            Status.Code.INVALID_ARGUMENT,
            "etcdserver: invalid sort option",
            () -> kv().range(range("k").setSortOrderValue(UNKNOWN_ENUM).build()))
        .row(
            Status.Code.INVALID_ARGUMENT,
            "etcdserver: value is provided",
            () -> kv().put(put("k").setValue(utf8("4")).setIgnoreValue(true).build()))
        .row(
            Status.Code.INVALID_ARGUMENT,
            "etcdserver: lease is provided",
            () -> kv().put(put("k").setLease(5).setIgnoreLease(true).build()))
        .row(
            Status.Code.INVALID_ARGUMENT,
            "etcdserver: key not found",
            () -> kv().put(put("none").setIgnoreValue(true).build()))
        .row(
            Status.Code.INVALID_ARGUMENT,
            "etcdserver: key not found",
            () -> txn(RequestOp.getDefaultInstance()))
        .row(Status.Code.INVALID_ARGUMENT, twice, () -> txn(op(put("a")), op(put("a"))))
        .row(
            Status.Code.INVALID_ARGUMENT,
            "etcdserver: too many operations in txn request",
            () -> txn(many))
        .row(
            Status.Code.INVALID_ARGUMENT,
            "etcdserver: request is too large",
            () -> kv().put(
                    put("k").setValue(ByteString.copyFrom(new byte[1_600_000])).build()))
        .judge();
  }

  private static RequestOp nested(TxnRequest.Builder inner) {
    return RequestOp.newBuilder().setRequestTxn(inner).build();
  }

  private static RequestOp op(RangeRequest.Builder range) {
    return RequestOp.newBuilder().setRequestRange(range).build();
  }

  private static TxnRequest.Builder puts(String prefix, int count) {
    TxnRequest.Builder txn = TxnRequest.newBuilder();
    for (int i = 0; i < count; i++) {
      txn.addSuccess(op(put(prefix + i)));
    }
    return txn;
  }

  /** The same words for what is nested, or comes by another operation. */
  @Test
  @Order(2)
  void ofWhatIsInsideTransactionsAndStreams() {
    kv().put(put("k").build());
    String noKey = "etcdserver: key is not provided";
    String twice = "etcdserver: duplicate key given in txn request";
    String many = "etcdserver: too many operations in txn request";
    String sorted = "etcdserver: invalid sort option";
    RequestOp deleteAll = RequestOp.newBuilder()
        .setRequestDeleteRange(
            DeleteRangeRequest.newBuilder().setKey(utf8("a")).setRangeEnd(utf8("c")))
        .build();
    new Table()
        .row(
            Status.Code.INVALID_ARGUMENT,
            noKey,
            () -> kv().deleteRange(DeleteRangeRequest.getDefaultInstance()))
        .row(Status.Code.INVALID_ARGUMENT, noKey, () -> txn(op(range(""))))
        .row(
            Status.Code.INVALID_ARGUMENT,
            noKey,
            () -> txn(nested(puts("", 1).addSuccess(op(put(""))))))
        .row(
            Status.Code.INVALID_ARGUMENT,
            noKey,
            () -> kv().txn(TxnRequest.newBuilder()
                .addCompare(Compare.getDefaultInstance())
                .build()))
        .row(
            Status.Code.INVALID_ARGUMENT,
            noKey,
            () -> kv().rangeStream(range("").build()).next())
        .row(
            Status.Code.OUT_OF_RANGE,
            "etcdserver: mvcc: required revision is a future revision",
            () -> txn(op(range("k").setRevision(FUTURE))))
        .row(
            Status.Code.OUT_OF_RANGE,
            "etcdserver: mvcc: required revision is a future revision",
            () -> kv().rangeStream(range("k").setRevision(FUTURE).build()).next())
        .row(
            Status.Code.INVALID_ARGUMENT,
            sorted,
            () -> txn(op(range("k").setSortTargetValue(UNKNOWN_ENUM))))
        .row(Status.Code.INVALID_ARGUMENT, twice, () -> txn(op(put("b")), deleteAll))
        .row(Status.Code.INVALID_ARGUMENT, twice, () -> txn(deleteAll, op(put("b"))))
        .row(
            Status.Code.INVALID_ARGUMENT,
            twice,
            () -> txn(op(put("b")), nested(puts("b", 1).addSuccess(op(put("b"))))))
        .row(
            Status.Code.INVALID_ARGUMENT,
            many,
            () -> kv().txn(
                    puts("many/", 100).addSuccess(nested(puts("more/", 28))).build()))
        .row(
            Status.Code.INVALID_ARGUMENT,
            many,
            () -> kv().txn(TxnRequest.newBuilder()
                .addAllCompare(Collections.nCopies(
                    129, Compare.newBuilder().setKey(utf8("k")).build()))
                .build()))
        .row(
            Status.Code.INVALID_ARGUMENT,
            "etcdserver: value is provided",
            () -> txn(op(put("k").setValue(utf8("4")).setIgnoreValue(true))))
        .row(
            Status.Code.INVALID_ARGUMENT,
            "etcdserver: lease is provided",
            () -> txn(op(put("k").setLease(5).setIgnoreLease(true))))
        .row(
            Status.Code.INVALID_ARGUMENT,
            "etcdserver: key not found",
            () -> txn(op(put("none").setIgnoreLease(true))))
        .row(
            Status.Code.INVALID_ARGUMENT,
            "etcdserver: key not found",
            () -> kv().put(put("none").setIgnoreLease(true).build()))
        .judge();
  }

  /** What the gateway for JSON makes of codes: its own of HTTP, and code and words in the body. */
  @Test
  @Order(2)
  void byJson() throws Exception {
    String noLease = "etcdserver: requested lease not found";
    String unknown = "{\"ID\":\"4711\"}";
    assertThat(json("/v3/kv/range", "{}"))
        .isEqualTo("400 " + told("etcdserver: key is not provided", 3));
    assertThat(json("/v3/lease/revoke", unknown)).isEqualTo("404 " + told(noLease, 5));
    assertThat(json("/v3/kv/lease/revoke", unknown)).isEqualTo("404 " + told(noLease, 5));
    assertThat(json("/v3/kv/compaction", "{\"revision\":\"" + FUTURE + "\"}"))
        .isEqualTo("400 " + told("etcdserver: mvcc: required revision is a future revision", 11));
    assertThat(json("/v3/maintenance/transfer-leadership", "{}"))
        .isEqualTo("400 " + told("etcdserver: not leader", 9));
    assertThat(json("/v3/auth/authenticate", "{\"name\":\"x\",\"password\":\"y\"}"))
        .isEqualTo("400 " + told("etcdserver: authentication is not enabled", 9));
    assertThat(json("/v3/nothing", "{}")).startsWith("404 ");
  }

  private static String told(String words, int code) {
    return "{\"error\":\"" + words + "\",\"code\":" + code + ",\"message\":\"" + words + "\"}";
  }

  private static String json(String path, String body) throws Exception {
    HttpResponse<String> answer = HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create("http://" + cluster.storeAddress(1) + path))
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    return answer.statusCode() + " " + answer.body().strip();
  }

  @Test
  @Order(2)
  void ofLeasesAndLines() {
    LeaseGrpc.LeaseBlockingStub leases = LeaseGrpc.newBlockingStub(channel);
    ElectionGrpc.ElectionBlockingStub election = ElectionGrpc.newBlockingStub(channel);
    leases.leaseGrant(LeaseGrantRequest.newBuilder().setID(815).setTTL(60).build());
    String noLease = "etcdserver: requested lease not found";
    String noLeader = "\"leader\" field must be provided";
    LeaderKey never = LeaderKey.newBuilder()
        .setName(utf8("e"))
        .setKey(utf8("e/1"))
        .setRev(3)
        .setLease(815)
        .build();
    new Table()
        .row(
            Status.Code.NOT_FOUND,
            noLease,
            () -> kv().put(put("k").setLease(4711).build()))
        .row(Status.Code.NOT_FOUND, noLease, () -> txn(op(put("k").setLease(4711))))
        .row(
            Status.Code.NOT_FOUND,
            noLease,
            () -> leases.leaseRevoke(LeaseRevokeRequest.newBuilder().setID(4711).build()))
        .row(
            Status.Code.FAILED_PRECONDITION,
            "etcdserver: lease already exists",
            () -> leases.leaseGrant(
                LeaseGrantRequest.newBuilder().setID(815).setTTL(60).build()))
        .row(
            Status.Code.OUT_OF_RANGE,
            "etcdserver: too large lease TTL",
            () -> leases.leaseGrant(
                LeaseGrantRequest.newBuilder().setTTL(9_000_000_001L).build()))
        .row(
            Status.Code.NOT_FOUND,
            noLease,
            () -> LockGrpc.newBlockingStub(channel)
                .lock(LockRequest.newBuilder().setName(utf8("l")).setLease(4711).build()))
        .row(
            Status.Code.NOT_FOUND,
            noLease,
            () -> election.campaign(
                CampaignRequest.newBuilder().setName(utf8("e")).setLease(4711).build()))
        .row(
            Status.Code.UNKNOWN,
            "election: no leader",
            () -> election.leader(
                LeaderRequest.newBuilder().setName(utf8("nobody")).build()))
        .row(
            Status.Code.UNKNOWN,
            "election: not leader",
            () ->
                election.proclaim(ProclaimRequest.newBuilder().setLeader(never).build()))
        .row(
            Status.Code.UNKNOWN,
            noLeader,
            () -> election.proclaim(ProclaimRequest.getDefaultInstance()))
        .row(
            Status.Code.UNKNOWN,
            noLeader,
            () -> election.resign(ResignRequest.getDefaultInstance()))
        .judge();
  }

  /** Whoever waits for a lock, and whose key is gone when its turn comes. */
  @Test
  @Order(2)
  void ofAPlaceThatWasTakenAway() throws Exception {
    LockRequest name = LockRequest.newBuilder().setName(utf8("gone")).build();
    RangeRequest places = range("gone/").setRangeEnd(utf8("gone0")).build();
    ByteString first = LockGrpc.newBlockingStub(channel).lock(name).getKey();
    var second = LockGrpc.newFutureStub(channel).lock(name);
    Awaitility.await()
        .atMost(PATIENCE_SECONDS, TimeUnit.SECONDS)
        .until(() -> kv().range(places).getCount() == 2);
    for (KeyValue place : kv().range(places).getKvsList()) {
      if (!place.getKey().equals(first)) {
        delete(place.getKey());
      }
    }
    delete(first);
    assertThatThrownBy(() -> second.get(PATIENCE_SECONDS, TimeUnit.SECONDS))
        .hasRootCauseMessage("UNKNOWN: mutex: session is expired");
  }

  private static void delete(ByteString key) {
    var unused = kv().deleteRange(DeleteRangeRequest.newBuilder().setKey(key).build());
  }

  @Test
  @Order(3)
  void ofMembersAndUpkeep() throws Exception {
    ClusterGrpc.ClusterBlockingStub members = ClusterGrpc.newBlockingStub(channel);
    String unknown = "etcdserver: member not found";
    new Table()
        .row(
            Status.Code.NOT_FOUND,
            unknown,
            () -> members.memberRemove(
                MemberRemoveRequest.newBuilder().setID(4711).build()))
        .row(
            Status.Code.NOT_FOUND,
            unknown,
            () -> members.memberUpdate(
                MemberUpdateRequest.newBuilder().setID(4711).build()))
        .row(
            Status.Code.NOT_FOUND,
            unknown,
            () -> members.memberPromote(
                MemberPromoteRequest.newBuilder().setID(4711).build()))
        .row(
            Status.Code.FAILED_PRECONDITION,
            "etcdserver: not leader",
            () -> MaintenanceGrpc.newBlockingStub(channel)
                .moveLeader(MoveLeaderRequest.newBuilder().setTargetID(4711).build()))
        .judge();
    tooManyScans();
  }

  private static Object hash(long revision) {
    return MaintenanceGrpc.newBlockingStub(channel)
        .hashKV(HashKVRequest.newBuilder().setRevision(revision).build());
  }

  @Test
  @Order(3)
  void ofHashesAndUnknownMethods() {
    long now = kv().put(put("h").build()).getHeader().getRevision();
    kv().compact(CompactionRequest.newBuilder().setRevision(now).build());
    new Table()
        .row(
            Status.Code.OUT_OF_RANGE,
            "etcdserver: mvcc: required revision is a future revision",
            () -> hash(FUTURE))
        .row(
            Status.Code.OUT_OF_RANGE,
            "etcdserver: mvcc: required revision has been compacted",
            () -> hash(now - 1))
        .row(
            Status.Code.UNIMPLEMENTED,
            "Method not found: etcdserverpb.KV/Nothing",
            () -> ClientCalls.blockingUnaryCall(
                channel,
                KVGrpc.getRangeMethod().toBuilder()
                    .setFullMethodName("etcdserverpb.KV/Nothing")
                    .build(),
                CallOptions.DEFAULT,
                range("k").build()))
        .judge();
  }

  /** Snapshots that nobody takes stay where they are; there may be two. */
  private static void tooManyScans() throws Exception {
    for (int i = 0; i < 8; i++) {
      kv().put(put("large/" + i)
          .setValue(ByteString.copyFrom(new byte[1_000_000]))
          .build());
    }
    List<ClientCall<SnapshotRequest, SnapshotResponse>> untaken = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      CompletableFuture<SnapshotResponse> begun = new CompletableFuture<>();
      ClientCall<SnapshotRequest, SnapshotResponse> call =
          channel.newCall(MaintenanceGrpc.getSnapshotMethod(), CallOptions.DEFAULT);
      call.start(
          new ClientCall.Listener<>() {
            @Override
            public void onMessage(SnapshotResponse message) {
              begun.complete(message);
            }
          },
          new Metadata());
      call.sendMessage(SnapshotRequest.getDefaultInstance());
      call.halfClose();
      call.request(1);
      begun.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      untaken.add(call);
    }
    new Table()
        .row(
            Status.Code.RESOURCE_EXHAUSTED,
            "etcdserver: too many requests",
            () -> MaintenanceGrpc.newBlockingStub(channel)
                .snapshot(SnapshotRequest.getDefaultInstance())
                .next())
        .judge();
    untaken.forEach(call -> call.cancel("enough", null));
    Awaitility.await()
        .atMost(PATIENCE_SECONDS, TimeUnit.SECONDS)
        .ignoreExceptions()
        .until(() -> MaintenanceGrpc.newBlockingStub(channel)
            .snapshot(SnapshotRequest.getDefaultInstance())
            .hasNext());
  }

  @Test
  @Order(4)
  void ofWatches() throws Exception {
    assertThat(refusalToWatch(
            channel, WatchCreateRequest.newBuilder().setKey(utf8("b")).setRangeEnd(utf8("a"))))
        .isEqualTo("mvcc: watcher range is empty");
    assertThat(refusalToWatch(
            channel, WatchCreateRequest.newBuilder().setKey(utf8("b")).setStartRevision(-1)))
        .isEqualTo("etcdserver: mvcc: required revision has been compacted");
    HeardAnswers<WatchResponse> heard = new HeardAnswers<>();
    StreamObserver<WatchRequest> stream = WatchGrpc.newStub(channel).watch(heard);
    for (int i = 0; i < 2; i++) {
      stream.onNext(WatchRequest.newBuilder()
          .setCreateRequest(WatchCreateRequest.newBuilder().setKey(utf8("b")).setWatchId(9))
          .build());
    }
    assertThat(heard.next().getCanceled()).isFalse();
    assertThat(heard.next().getCancelReason())
        .isEqualTo("mvcc: duplicate watch ID provided on the WatchStream");
    stream.onCompleted();
  }

  private static String refusalToWatch(Channel by, WatchCreateRequest.Builder create)
      throws InterruptedException {
    HeardAnswers<WatchResponse> heard = new HeardAnswers<>();
    StreamObserver<WatchRequest> stream = WatchGrpc.newStub(by).watch(heard);
    stream.onNext(WatchRequest.newBuilder().setCreateRequest(create).build());
    WatchResponse refused = heard.next();
    assertThat(refused.getCreated() && refused.getCanceled()).isTrue();
    assertThat(refused.getWatchId()).isEqualTo(-1);
    stream.onCompleted();
    return refused.getCancelReason();
  }

  // ------------------------------------------------------------------ users

  private static AuthGrpc.AuthBlockingStub auth(Channel by) {
    return AuthGrpc.newBlockingStub(by);
  }

  private static Channel with(String token) {
    Metadata headers = new Metadata();
    headers.put(Callers.TOKEN, token);
    return ClientInterceptors.intercept(
        channel, MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  private static Channel as(String name, String password) {
    return with(auth(channel).authenticate(login(name, password)).getToken());
  }

  private static AuthenticateRequest login(String name, String password) {
    return AuthenticateRequest.newBuilder().setName(name).setPassword(password).build();
  }

  private static AuthUserAddRequest user(String name) {
    return AuthUserAddRequest.newBuilder().setName(name).setPassword("secret").build();
  }

  private static AuthRoleAddRequest role(String name) {
    return AuthRoleAddRequest.newBuilder().setName(name).build();
  }

  private static AuthUserGrantRoleRequest grant(String user, String role) {
    return AuthUserGrantRoleRequest.newBuilder().setUser(user).setRole(role).build();
  }

  @Test
  @Order(5)
  void ofUsersAndRoles() throws Exception {
    AuthGrpc.AuthBlockingStub anybody = auth(channel);
    AuthEnableRequest enable = AuthEnableRequest.getDefaultInstance();
    new Table()
        .row(
            Status.Code.FAILED_PRECONDITION,
            "etcdserver: authentication is not enabled",
            () -> anybody.authenticate(login("root", "secret")))
        .row(
            Status.Code.FAILED_PRECONDITION,
            "etcdserver: root user does not exist",
            () -> anybody.authEnable(enable))
        .judge();
    anybody.userAdd(user("root"));
    new Table()
        .row(
            Status.Code.FAILED_PRECONDITION,
            "etcdserver: root user does not have root role",
            () -> anybody.authEnable(enable))
        .judge();
    anybody.userGrantRole(grant("root", "root"));
    anybody.userAdd(user("alice"));
    anybody.roleAdd(role("some"));
    anybody.authEnable(enable);
    Channel root = as("root", "secret");
    try {
      namesAndRoles(auth(root));
      doors(root);
    } finally {
      auth(root).authDisable(AuthDisableRequest.getDefaultInstance());
    }
    // Only a flood of logins provokes it for users; it is the same text as above.
    for (AuthError error : AuthError.values()) {
      assertThat(provoked).as("%s is in no table", error).contains(error.text());
    }
  }

  private static void namesAndRoles(AuthGrpc.AuthBlockingStub root) {
    String management = "etcdserver: invalid auth management";
    new Table()
        .row(
            Status.Code.FAILED_PRECONDITION,
            "etcdserver: user name already exists",
            () -> root.userAdd(user("alice")))
        .row(
            Status.Code.INVALID_ARGUMENT,
            "etcdserver: user name is empty",
            () -> root.userAdd(user("")))
        .row(
            Status.Code.FAILED_PRECONDITION,
            "etcdserver: user name not found",
            () -> root.userGet(AuthUserGetRequest.newBuilder().setName("x").build()))
        .row(
            Status.Code.FAILED_PRECONDITION,
            "etcdserver: user name not found",
            () -> root.userGrantRole(grant("x", "some")))
        .row(
            Status.Code.FAILED_PRECONDITION,
            "etcdserver: user name not found",
            () ->
                root.userDelete(AuthUserDeleteRequest.newBuilder().setName("x").build()))
        .row(
            Status.Code.FAILED_PRECONDITION,
            "etcdserver: user name not found",
            () -> root.userChangePassword(AuthUserChangePasswordRequest.newBuilder()
                .setName("x")
                .setPassword("y")
                .build()))
        .row(
            Status.Code.FAILED_PRECONDITION,
            "etcdserver: role name not found",
            () -> root.userGrantRole(grant("alice", "x")))
        .row(
            Status.Code.FAILED_PRECONDITION,
            "etcdserver: role name not found",
            () ->
                root.roleDelete(AuthRoleDeleteRequest.newBuilder().setRole("x").build()))
        .row(
            Status.Code.INVALID_ARGUMENT,
            management,
            () -> root.userRevokeRole(AuthUserRevokeRoleRequest.newBuilder()
                .setName("root")
                .setRole("root")
                .build()))
        .row(
            Status.Code.FAILED_PRECONDITION,
            "etcdserver: role name already exists",
            () -> root.roleAdd(role("some")))
        .row(
            Status.Code.INVALID_ARGUMENT,
            "etcdserver: role name is empty",
            () -> root.roleAdd(role("")))
        .row(
            Status.Code.FAILED_PRECONDITION,
            "etcdserver: role name not found",
            () -> root.roleGet(AuthRoleGetRequest.newBuilder().setRole("x").build()))
        .row(
            Status.Code.FAILED_PRECONDITION,
            "etcdserver: role is not granted to the user",
            () -> root.userRevokeRole(AuthUserRevokeRoleRequest.newBuilder()
                .setName("alice")
                .setRole("x")
                .build()))
        .row(
            Status.Code.INVALID_ARGUMENT,
            "etcdserver: permission not given",
            () -> root.roleGrantPermission(
                AuthRoleGrantPermissionRequest.newBuilder().setName("some").build()))
        .row(
            Status.Code.FAILED_PRECONDITION,
            "etcdserver: permission is not granted to the role",
            () -> root.roleRevokePermission(AuthRoleRevokePermissionRequest.newBuilder()
                .setRole("some")
                .setKey(utf8("q"))
                .build()))
        .row(
            Status.Code.INVALID_ARGUMENT,
            management,
            () -> root.userDelete(
                AuthUserDeleteRequest.newBuilder().setName("root").build()))
        .judge();
  }

  private static void doors(Channel root) throws InterruptedException {
    auth(root)
        .roleGrantPermission(AuthRoleGrantPermissionRequest.newBuilder()
            .setName("some")
            .setPerm(Permission.newBuilder().setPermType(Permission.Type.READ).setKey(utf8("a")))
            .build());
    auth(root).userGrantRole(grant("alice", "some"));
    Channel alice = as("alice", "secret");
    String denied = "etcdserver: permission denied";
    String noToken = "etcdserver: invalid auth token";
    new Table()
        .row(
            Status.Code.PERMISSION_DENIED,
            denied,
            () -> KVGrpc.newBlockingStub(alice).put(put("a").build()))
        .row(
            Status.Code.PERMISSION_DENIED,
            denied,
            () -> KVGrpc.newBlockingStub(alice)
                .txn(TxnRequest.newBuilder()
                    .addCompare(Compare.newBuilder().setKey(utf8("b")))
                    .build()))
        .row(
            Status.Code.UNAUTHENTICATED,
            noToken,
            () -> KVGrpc.newBlockingStub(with("none")).range(range("a").build()))
        .row(
            Status.Code.INVALID_ARGUMENT,
            "etcdserver: user name is empty",
            () -> kv().range(range("a").build()))
        .row(
            Status.Code.INVALID_ARGUMENT,
            "etcdserver: authentication failed, invalid user ID or password",
            () -> auth(channel).authenticate(login("alice", "wrong")))
        .judge();
    WatchCreateRequest.Builder forbidden = WatchCreateRequest.newBuilder().setKey(utf8("b"));
    assertThat(refusalToWatch(alice, forbidden)).isEqualTo(denied);
    assertThat(refusalToWatch(with("none"), forbidden)).isEqualTo(noToken);
  }

  // ------------------------------------------------------------------ the end

  /** Without a placement driver nobody leads; what asks for a leader is told so, and nothing hangs. */
  @Test
  @Order(6)
  void ofWhatDoesNotAnswer() throws Exception {
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER), "true");
    Channel strict =
        ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(headers));
    HeardAnswers<WatchResponse> heard = new HeardAnswers<>();
    StreamObserver<WatchRequest> stream = WatchGrpc.newStub(strict).watch(heard);
    stream.onNext(WatchRequest.newBuilder()
        .setCreateRequest(WatchCreateRequest.newBuilder().setKey(utf8("b")))
        .build());
    assertThat(heard.next().getCreated()).isTrue();
    cluster.stopPd(1);
    String noLeader = "etcdserver: no leader";
    assertThat(heard.failure()).hasMessage("UNAVAILABLE: " + noLeader);
    new Table()
        .row(
            Status.Code.UNAVAILABLE,
            noLeader,
            () -> KVGrpc.newBlockingStub(strict).range(range("a").build()))
        .row(
            Status.Code.UNAVAILABLE,
            "etcdserver: request timed out",
            () -> kv().put(put("a").build()))
        .judge();
  }

  /** Who waits when the store goes is told so. */
  @Test
  @Order(7)
  void ofAStoreThatStops() throws Exception {
    cluster.startPd(1);
    cluster.awaitReady(Duration.ofSeconds(PATIENCE_SECONDS));
    ElectionGrpc.ElectionBlockingStub election = ElectionGrpc.newBlockingStub(channel);
    CampaignRequest campaign = CampaignRequest.newBuilder().setName(utf8("end")).build();
    CampaignResponse first = election.campaign(campaign);
    assertThat(first.hasLeader()).isTrue();
    HeardAnswers<CampaignResponse> second = new HeardAnswers<>();
    ElectionGrpc.newStub(channel).campaign(campaign, second);
    Awaitility.await()
        .atMost(PATIENCE_SECONDS, TimeUnit.SECONDS)
        .until(() -> kv().range(
                    range("end/").setRangeEnd(utf8("end0")).setCountOnly(true).build())
                .getCount()
            == 2);
    HeardAnswers<WatchResponse> watch = new HeardAnswers<>();
    WatchGrpc.newStub(channel)
        .watch(watch)
        .onNext(WatchRequest.newBuilder()
            .setCreateRequest(WatchCreateRequest.newBuilder().setKey(utf8("b")))
            .build());
    assertThat(watch.next().getCreated()).isTrue();
    cluster.stopStore(1);
    assertThat(watch.failure()).hasMessage("UNAVAILABLE: etcdserver: server stopped");
    assertThat(second.failure()).hasMessage("UNAVAILABLE: etcdserver: server stopped");
  }
}
