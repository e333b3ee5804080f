package io.quorate.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.quorate.proto.etcd.CompactionRequest;
import io.quorate.proto.etcd.DeleteRangeRequest;
import io.quorate.proto.etcd.KVGrpc;
import io.quorate.proto.etcd.LeaseGrantRequest;
import io.quorate.proto.etcd.LeaseGrantResponse;
import io.quorate.proto.etcd.LeaseGrpc;
import io.quorate.proto.etcd.LeaseKeepAliveRequest;
import io.quorate.proto.etcd.LeaseKeepAliveResponse;
import io.quorate.proto.etcd.LeaseRevokeRequest;
import io.quorate.proto.etcd.LeaseTimeToLiveRequest;
import io.quorate.proto.etcd.LeaseTimeToLiveResponse;
import io.quorate.proto.etcd.PutRequest;
import io.quorate.proto.etcd.RangeRequest;
import io.quorate.proto.etcd.WatchCancelRequest;
import io.quorate.proto.etcd.WatchCreateRequest;
import io.quorate.proto.etcd.WatchGrpc;
import io.quorate.proto.etcd.WatchProgressRequest;
import io.quorate.proto.etcd.WatchRequest;
import io.quorate.proto.etcd.WatchResponse;
import io.quorate.proto.etcd.mvcc.Event;
import io.quorate.testing.HeardAnswers;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** etcd's watches and leases against three stores and four regions. */
class EtcdStreamsIT {
  private static EmbeddedCluster cluster;
  private static ManagedChannel first;
  private static ManagedChannel second;

  @BeforeAll
  static void start() {
    cluster = EmbeddedCluster.builder().splitKeys("f", "m", "t").start();
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

  private static long put(String key, String value, long lease) {
    return KVGrpc.newBlockingStub(second)
        .put(PutRequest.newBuilder()
            .setKey(utf8(key))
            .setValue(utf8(value))
            .setLease(lease)
            .build())
        .getHeader()
        .getRevision();
  }

  private static long delete(String key) {
    return KVGrpc.newBlockingStub(second)
        .deleteRange(DeleteRangeRequest.newBuilder().setKey(utf8(key)).build())
        .getHeader()
        .getRevision();
  }

  private static WatchRequest create(WatchCreateRequest.Builder create) {
    return WatchRequest.newBuilder().setCreateRequest(create).build();
  }

  private static WatchCreateRequest.Builder all() {
    ByteString zero = ByteString.copyFrom(new byte[1]);
    return WatchCreateRequest.newBuilder().setKey(zero).setRangeEnd(zero);
  }

  @Test
  void aWatchOverAllRegionsTellsInOrder() throws Exception {
    HeardAnswers<WatchResponse> heard = new HeardAnswers<>();
    StreamObserver<WatchRequest> stream = WatchGrpc.newStub(first).watch(heard);
    stream.onNext(create(
        WatchCreateRequest.newBuilder().setKey(utf8("w")).setRangeEnd(utf8("x")).setPrevKv(true)));
    WatchResponse created = heard.next();
    assertThat(created.getCreated()).isTrue();
    assertThat(created.getWatchId()).isZero();

    long one = put("w/a", "1", 0);
    long two = put("w/a", "2", 0);
    long gone = delete("w/a");
    assertThat(one).isGreaterThan(created.getHeader().getRevision());
    long last = 0;
    for (int i = 0; i < 3; ) {
      WatchResponse response = heard.next();
      for (Event event : response.getEventsList()) {
        assertThat(event.getKv().getModRevision()).isGreaterThan(last);
        last = event.getKv().getModRevision();
        switch (i++) {
          case 0 -> {
            assertThat(last).isEqualTo(one);
            assertThat(event.hasPrevKv()).isFalse();
          }
          case 1 -> {
            assertThat(last).isEqualTo(two);
            assertThat(event.getPrevKv().getValue()).isEqualTo(utf8("1"));
          }
          default -> {
            assertThat(event.getType()).isEqualTo(Event.EventType.DELETE);
            assertThat(event.getKv().getCreateRevision()).isZero();
            assertThat(last).isEqualTo(gone);
          }
        }
      }
      assertThat(response.getHeader().getRevision()).isEqualTo(last);
    }

    // The past can be had again, over all regions.
    stream.onNext(create(all().setStartRevision(one).setWatchId(7)));
    assertThat(heard.next().getWatchId()).isEqualTo(7);
    WatchResponse again = heard.next();
    assertThat(again.getWatchId()).isEqualTo(7);
    assertThat(again.getEvents(0).getKv().getModRevision()).isEqualTo(one);
    stream.onCompleted();
  }

  @Test
  void progressIsAPromiseForTheWholeStream() throws Exception {
    HeardAnswers<WatchResponse> heard = new HeardAnswers<>();
    StreamObserver<WatchRequest> stream = WatchGrpc.newStub(first).watch(heard);
    stream.onNext(create(all().addFilters(WatchCreateRequest.FilterType.NOPUT)));
    stream.onNext(create(all().addFilters(WatchCreateRequest.FilterType.NOPUT)));
    assertThat(heard.next().getCreated()).isTrue();
    assertThat(heard.next().getCreated()).isTrue();
    long written = put("progress", "1", 0);
    stream.onNext(WatchRequest.newBuilder()
        .setProgressRequest(WatchProgressRequest.getDefaultInstance())
        .build());
    WatchResponse progress = heard.next();
    assertThat(progress.getWatchId()).isEqualTo(-1);
    assertThat(progress.getEventsCount()).isZero();
    assertThat(progress.getHeader().getRevision()).isGreaterThanOrEqualTo(written);
    stream.onCompleted();
  }

  @Test
  void whatCannotBeWatchedIsToldAsEtcdTellsIt() throws Exception {
    HeardAnswers<WatchResponse> heard = new HeardAnswers<>();
    StreamObserver<WatchRequest> stream = WatchGrpc.newStub(first).watch(heard);
    stream.onNext(create(WatchCreateRequest.newBuilder().setKey(utf8("b")).setRangeEnd(utf8("a"))));
    WatchResponse empty = heard.next();
    assertThat(empty.getCreated() && empty.getCanceled()).isTrue();
    assertThat(empty.getWatchId()).isEqualTo(-1);
    assertThat(empty.getCancelReason()).isEqualTo("mvcc: watcher range is empty");

    stream.onNext(create(all().setWatchId(9)));
    assertThat(heard.next().getWatchId()).isEqualTo(9);
    stream.onNext(create(all().setWatchId(9)));
    assertThat(heard.next().getCancelReason())
        .isEqualTo("mvcc: duplicate watch ID provided on the WatchStream");
    stream.onNext(WatchRequest.newBuilder()
        .setCancelRequest(WatchCancelRequest.newBuilder().setWatchId(9))
        .build());
    WatchResponse cancelled = heard.next();
    assertThat(cancelled.getWatchId()).isEqualTo(9);
    assertThat(cancelled.getCanceled()).isTrue();
    assertThat(cancelled.getCompactRevision()).isZero();

    long old = put("compacted", "1", 0);
    long now = put("compacted", "2", 0);
    KVGrpc.newBlockingStub(second)
        .compact(CompactionRequest.newBuilder().setRevision(now).build());
    assertThatThrownBy(() -> KVGrpc.newBlockingStub(first)
            .range(RangeRequest.newBuilder()
                .setKey(utf8("compacted"))
                .setRevision(old)
                .build()))
        .hasMessage("OUT_OF_RANGE: etcdserver: mvcc: required revision has been compacted");
    stream.onNext(create(all().setStartRevision(old)));
    assertThat(heard.next().getCreated()).isTrue();
    WatchResponse compacted = heard.next();
    assertThat(compacted.getCanceled()).isTrue();
    assertThat(compacted.getCompactRevision()).isGreaterThanOrEqualTo(now);
    stream.onCompleted();
  }

  @Test
  void aLeaseIsTheSameThroughEveryStore() throws Exception {
    LeaseGrantResponse lease = LeaseGrpc.newBlockingStub(first)
        .leaseGrant(LeaseGrantRequest.newBuilder().setTTL(60).build());
    assertThat(lease.getTTL()).isEqualTo(60);
    put("lease/a", "1", lease.getID());
    put("u/lease", "2", lease.getID());
    LeaseTimeToLiveResponse left = LeaseGrpc.newBlockingStub(second)
        .leaseTimeToLive(LeaseTimeToLiveRequest.newBuilder()
            .setID(lease.getID())
            .setKeys(true)
            .build());
    assertThat(left.getGrantedTTL()).isEqualTo(60);
    assertThat(left.getKeysList()).containsExactly(utf8("lease/a"), utf8("u/lease"));

    HeardAnswers<LeaseKeepAliveResponse> heard = new HeardAnswers<>();
    StreamObserver<LeaseKeepAliveRequest> stream = LeaseGrpc.newStub(second).leaseKeepAlive(heard);
    stream.onNext(LeaseKeepAliveRequest.newBuilder().setID(lease.getID()).build());
    assertThat(heard.next().getTTL()).isEqualTo(60);
    stream.onNext(LeaseKeepAliveRequest.newBuilder().setID(4711).build());
    assertThat(heard.next().getTTL()).isZero();
    stream.onCompleted();

    LeaseGrpc.newBlockingStub(second)
        .leaseRevoke(LeaseRevokeRequest.newBuilder().setID(lease.getID()).build());
    assertThat(KVGrpc.newBlockingStub(first)
            .range(RangeRequest.newBuilder().setKey(utf8("u/lease")).build())
            .getCount())
        .isZero();
    assertThat(LeaseGrpc.newBlockingStub(first)
            .leaseTimeToLive(
                LeaseTimeToLiveRequest.newBuilder().setID(lease.getID()).build())
            .getTTL())
        .isEqualTo(-1);
  }

  @Test
  void leasesAreRefusedInEtcdsWords() {
    var leases = LeaseGrpc.newBlockingStub(first);
    leases.leaseGrant(LeaseGrantRequest.newBuilder().setTTL(60).setID(815).build());
    assertThatThrownBy(() -> leases.leaseGrant(
            LeaseGrantRequest.newBuilder().setTTL(60).setID(815).build()))
        .hasMessage("FAILED_PRECONDITION: etcdserver: lease already exists");
    assertThatThrownBy(() -> leases.leaseGrant(
            LeaseGrantRequest.newBuilder().setTTL(9_000_000_001L).build()))
        .hasMessage("OUT_OF_RANGE: etcdserver: too large lease TTL");
    assertThatThrownBy(
            () -> leases.leaseRevoke(LeaseRevokeRequest.newBuilder().setID(4711).build()))
        .hasMessage("NOT_FOUND: etcdserver: requested lease not found");
  }
}
