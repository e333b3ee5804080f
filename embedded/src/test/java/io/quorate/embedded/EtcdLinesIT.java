package io.quorate.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.quorate.client.backup.SnapshotFile;
import io.quorate.model.Bytes;
import io.quorate.proto.etcd.DeleteRangeRequest;
import io.quorate.proto.etcd.HashKVRequest;
import io.quorate.proto.etcd.HashKVResponse;
import io.quorate.proto.etcd.KVGrpc;
import io.quorate.proto.etcd.LeaseGrantRequest;
import io.quorate.proto.etcd.LeaseGrpc;
import io.quorate.proto.etcd.LeaseRevokeRequest;
import io.quorate.proto.etcd.MaintenanceGrpc;
import io.quorate.proto.etcd.PutRequest;
import io.quorate.proto.etcd.RangeRequest;
import io.quorate.proto.etcd.SnapshotRequest;
import io.quorate.proto.etcd.SnapshotResponse;
import io.quorate.proto.etcd.election.CampaignRequest;
import io.quorate.proto.etcd.election.CampaignResponse;
import io.quorate.proto.etcd.election.ElectionGrpc;
import io.quorate.proto.etcd.election.LeaderRequest;
import io.quorate.proto.etcd.election.LeaderResponse;
import io.quorate.proto.etcd.election.ProclaimRequest;
import io.quorate.proto.etcd.election.ResignRequest;
import io.quorate.proto.etcd.lock.LockGrpc;
import io.quorate.proto.etcd.lock.LockRequest;
import io.quorate.proto.etcd.lock.LockResponse;
import io.quorate.proto.etcd.lock.UnlockRequest;
import io.quorate.proto.health.HealthCheckRequest;
import io.quorate.proto.health.HealthCheckResponse;
import io.quorate.proto.health.HealthGrpc;
import io.quorate.testing.HeardAnswers;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** etcd's locks, elections and upkeep against three stores; the names' keys lie in several regions. */
class EtcdLinesIT {
  private static final long PATIENCE_SECONDS = 60;
  /** Between the places of the leases below, so that one line lies in two regions. */
  private static final String CUT = "line/7";

  private static EmbeddedCluster cluster;
  private static ManagedChannel first;
  private static ManagedChannel second;

  @BeforeAll
  static void start() {
    cluster = EmbeddedCluster.builder().splitKeys("f", CUT, "t").start();
    first = channel(cluster.storeAddress(1));
    second = channel(cluster.storeAddress(2));
  }

  @AfterAll
  static void stop() {
    first.shutdownNow();
    second.shutdownNow();
    cluster.close();
  }

  private static ManagedChannel channel(String address) {
    return NettyChannelBuilder.forTarget(address).usePlaintext().build();
  }

  private static ByteString utf8(String text) {
    return ByteString.copyFromUtf8(text);
  }

  private static long lease(long id) {
    return LeaseGrpc.newBlockingStub(first)
        .leaseGrant(LeaseGrantRequest.newBuilder().setID(id).setTTL(600).build())
        .getID();
  }

  private static LockRequest lockOf(String name, long lease) {
    return LockRequest.newBuilder().setName(utf8(name)).setLease(lease).build();
  }

  /** One answer to come. */
  private static final class Later<T> implements StreamObserver<T> {
    private final CompletableFuture<T> answer = new CompletableFuture<>();

    @Override
    public void onNext(T message) {
      answer.complete(message);
    }

    @Override
    public void onError(Throwable failure) {
      answer.completeExceptionally(failure);
    }

    @Override
    public void onCompleted() {}

    T get() throws Exception {
      return answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
  }

  private static void awaitKeys(String prefix, int count) {
    ByteString start = utf8(prefix);
    ByteString end = Bytes.of(start).prefixEnd().toByteString();
    Awaitility.await()
        .until(() -> KVGrpc.newBlockingStub(first)
                .range(RangeRequest.newBuilder()
                    .setKey(start)
                    .setRangeEnd(end)
                    .setCountOnly(true)
                    .build())
                .getCount()
            == count);
  }

  @Test
  void aLockGoesFromOneToTheNextInTheOrderTheyCame() throws Exception {
    long one = lease(0x9a);
    long two = lease(0x1b);
    long three = lease(0x9c);
    LockResponse held = LockGrpc.newBlockingStub(first).lock(lockOf("line", one));
    assertThat(held.getKey()).isEqualTo(utf8("line/9a"));
    assertThat(LockGrpc.newBlockingStub(second).lock(lockOf("line", one)).getKey())
        .as("who has it gets it again")
        .isEqualTo(held.getKey());

    Later<LockResponse> next = new Later<>();
    LockGrpc.newStub(second).lock(lockOf("line", two), next);
    awaitKeys("line/", 2);
    Later<LockResponse> last = new Later<>();
    LockGrpc.newStub(first).lock(lockOf("line", three), last);
    awaitKeys("line/", 3);
    assertThat(next.answer).isNotDone();

    var unlocked = LockGrpc.newBlockingStub(second)
        .unlock(UnlockRequest.newBuilder().setKey(held.getKey()).build());
    LockResponse got = next.get();
    assertThat(got.getKey()).isEqualTo(utf8("line/1b"));
    assertThat(got.getHeader().getRevision())
        .isGreaterThanOrEqualTo(unlocked.getHeader().getRevision());
    assertThat(last.answer).isNotDone();
    // Who loses the lease loses the lock.
    LeaseGrpc.newBlockingStub(first)
        .leaseRevoke(LeaseRevokeRequest.newBuilder().setID(two).build());
    assertThat(last.get().getKey()).isEqualTo(utf8("line/9c"));
    LockGrpc.newBlockingStub(second)
        .unlock(UnlockRequest.newBuilder().setKey(last.get().getKey()).build());
    awaitKeys("line/", 0);
  }

  @Test
  void whoWaitsNoLongerLeavesTheLine() {
    LockResponse held = LockGrpc.newBlockingStub(first).lock(lockOf("given-up", 0));
    assertThatThrownBy(() -> LockGrpc.newBlockingStub(second)
            .withDeadlineAfter(300, TimeUnit.MILLISECONDS)
            .lock(lockOf("given-up", 0)))
        .hasMessageContaining("DEADLINE_EXCEEDED");
    awaitKeys("given-up/", 1);
    LockGrpc.newBlockingStub(second)
        .unlock(UnlockRequest.newBuilder().setKey(held.getKey()).build());
    awaitKeys("given-up/", 0);
  }

  @Test
  void locksNeedLeasesThatAreAndKeys() {
    assertThatThrownBy(() -> LockGrpc.newBlockingStub(first).lock(lockOf("none", 4711)))
        .hasMessage("NOT_FOUND: etcdserver: requested lease not found");
    assertThatThrownBy(
            () -> LockGrpc.newBlockingStub(first).unlock(UnlockRequest.getDefaultInstance()))
        .hasMessage("INVALID_ARGUMENT: etcdserver: key is not provided");
  }

  private static LeaderRequest leaderOf(String name) {
    return LeaderRequest.newBuilder().setName(utf8(name)).build();
  }

  @Test
  void anElectionIsWonSpokenForAndGivenBack() throws Exception {
    var elections = ElectionGrpc.newBlockingStub(first);
    assertThatThrownBy(() -> elections.leader(leaderOf("vote")))
        .hasMessage("UNKNOWN: election: no leader");
    HeardAnswers<LeaderResponse> seen = new HeardAnswers<>();
    ElectionGrpc.newStub(second).observe(leaderOf("vote"), seen);
    CampaignResponse won = elections.campaign(CampaignRequest.newBuilder()
        .setName(utf8("vote"))
        .setLease(lease(0x51))
        .setValue(utf8("me"))
        .build());
    assertThat(won.getLeader().getKey()).isEqualTo(utf8("vote/51"));
    assertThat(won.getLeader().getRev()).isEqualTo(won.getHeader().getRevision());
    assertThat(valueOf(seen.next())).isEqualTo("me");

    Later<CampaignResponse> waits = new Later<>();
    ElectionGrpc.newStub(second)
        .campaign(
            CampaignRequest.newBuilder()
                .setName(utf8("vote"))
                .setLease(lease(0x52))
                .setValue(utf8("you"))
                .build(),
            waits);
    awaitKeys("vote/", 2);
    elections.proclaim(ProclaimRequest.newBuilder()
        .setLeader(won.getLeader())
        .setValue(utf8("still me"))
        .build());
    assertThat(valueOf(seen.next())).isEqualTo("still me");
    assertThat(elections.leader(leaderOf("vote")).getKv().getValue()).isEqualTo(utf8("still me"));
    assertThat(waits.answer).isNotDone();

    elections.resign(ResignRequest.newBuilder().setLeader(won.getLeader()).build());
    CampaignResponse next = waits.get();
    assertThat(valueOf(seen.next())).isEqualTo("you");
    assertThatThrownBy(() -> elections.proclaim(ProclaimRequest.newBuilder()
            .setLeader(won.getLeader())
            .setValue(utf8("late"))
            .build()))
        .hasMessage("UNKNOWN: election: not leader");
    elections.resign(ResignRequest.newBuilder().setLeader(next.getLeader()).build());
    assertThatThrownBy(() -> elections.resign(ResignRequest.getDefaultInstance()))
        .hasMessage("UNKNOWN: \"leader\" field must be provided");
  }

  private static String valueOf(LeaderResponse leader) {
    return leader.getKv().getValue().toStringUtf8();
  }

  @Test
  void locksGoByJsonToo() throws Exception {
    HttpResponse<String> locked = HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(
                    URI.create("http://" + cluster.storeAddress(3) + "/v3/lock/lock"))
                .POST(HttpRequest.BodyPublishers.ofString("{\"name\":\"anNvbg==\"}"))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(locked.statusCode()).isEqualTo(200);
    assertThat(locked.body()).contains("\"key\":\"anNvbi");
  }

  private static HashKVResponse hash(ManagedChannel store, long revision) {
    return MaintenanceGrpc.newBlockingStub(store)
        .hashKV(HashKVRequest.newBuilder().setRevision(revision).build());
  }

  private static long put(String key, String value) {
    return KVGrpc.newBlockingStub(second)
        .put(PutRequest.newBuilder().setKey(utf8(key)).setValue(utf8(value)).build())
        .getHeader()
        .getRevision();
  }

  @Test
  void allStoresComeToTheSameHashOfARevision() {
    put("hash/a", "1");
    long before = put("u/b", "2");
    int there = hash(first, before).getHash();
    assertThat(hash(second, before).getHash()).isEqualTo(there);
    assertThat(hash(second, before).getHashRevision()).isEqualTo(before);
    long after = put("u/b", "3");
    assertThat(hash(first, after).getHash()).isNotEqualTo(there);
    assertThat(hash(first, before).getHash())
        .as("of the same revision as before")
        .isEqualTo(there);
    assertThatThrownBy(() -> hash(first, after + 1_000_000))
        .hasMessage("OUT_OF_RANGE: etcdserver: mvcc: required revision is a future revision");
  }

  @Test
  void aSnapshotIsAsLongAndSummedAsEtcdctlExpects() throws Exception {
    put("snap/a", "x".repeat(100_000));
    Iterator<SnapshotResponse> parts =
        MaintenanceGrpc.newBlockingStub(first).snapshot(SnapshotRequest.getDefaultInstance());
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    long remaining = Long.MAX_VALUE;
    while (parts.hasNext()) {
      SnapshotResponse part = parts.next();
      part.getBlob().writeTo(whole);
      remaining = part.getRemainingBytes();
    }
    byte[] bytes = whole.toByteArray();
    assertThat(remaining).isZero();
    assertThat(bytes.length % 512).isEqualTo(SnapshotFile.SUM_BYTES);
    int data = bytes.length - SnapshotFile.SUM_BYTES;
    assertThat(MessageDigest.getInstance("SHA-256").digest(Arrays.copyOf(bytes, data)))
        .isEqualTo(Arrays.copyOfRange(bytes, data, bytes.length));
    assertThat(SnapshotFile.Head.decode(Arrays.copyOf(bytes, SnapshotFile.HEAD_BYTES))
            .clusterId())
        .isEqualTo(cluster.store(1).orElseThrow().identity().clusterId());
  }

  @Test
  void healthIsAskedByGrpcToo() {
    assertThat(HealthGrpc.newBlockingStub(first)
            .check(HealthCheckRequest.getDefaultInstance())
            .getStatus())
        .isEqualTo(HealthCheckResponse.ServingStatus.SERVING);
    for (String unknown : List.of("x", "etcdserverpb.KV")) {
      assertThatThrownBy(() -> HealthGrpc.newBlockingStub(first)
              .check(HealthCheckRequest.newBuilder().setService(unknown).build()))
          .hasMessageContaining("NOT_FOUND");
    }
  }

  @Test
  void whatIsDeletedIsInNoHash() {
    long before = put("gone", "1");
    KVGrpc.newBlockingStub(first)
        .deleteRange(DeleteRangeRequest.newBuilder().setKey(utf8("gone")).build());
    long after = put("stays", "1");
    assertThat(hash(first, after).getHash()).isNotEqualTo(hash(second, before).getHash());
  }
}
