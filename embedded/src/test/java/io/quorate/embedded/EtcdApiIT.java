package io.quorate.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.quorate.proto.etcd.AuthGrpc;
import io.quorate.proto.etcd.AuthStatusRequest;
import io.quorate.proto.etcd.ClusterGrpc;
import io.quorate.proto.etcd.Compare;
import io.quorate.proto.etcd.DeleteRangeRequest;
import io.quorate.proto.etcd.DeleteRangeResponse;
import io.quorate.proto.etcd.KVGrpc;
import io.quorate.proto.etcd.MaintenanceGrpc;
import io.quorate.proto.etcd.Member;
import io.quorate.proto.etcd.MemberListRequest;
import io.quorate.proto.etcd.PutRequest;
import io.quorate.proto.etcd.PutResponse;
import io.quorate.proto.etcd.RangeRequest;
import io.quorate.proto.etcd.RangeResponse;
import io.quorate.proto.etcd.RangeStreamResponse;
import io.quorate.proto.etcd.RequestOp;
import io.quorate.proto.etcd.StatusRequest;
import io.quorate.proto.etcd.StatusResponse;
import io.quorate.proto.etcd.TxnRequest;
import io.quorate.proto.etcd.TxnResponse;
import io.quorate.proto.etcd.mvcc.KeyValue;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** etcd's own messages, and its JSON, against three stores and four regions. */
class EtcdApiIT {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

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

  private static PutRequest put(String key, String value) {
    return PutRequest.newBuilder().setKey(utf8(key)).setValue(utf8(value)).build();
  }

  private static RangeRequest.Builder prefix(String prefix) {
    byte[] end = prefix.getBytes(StandardCharsets.UTF_8);
    end[end.length - 1]++;
    return RangeRequest.newBuilder().setKey(utf8(prefix)).setRangeEnd(ByteString.copyFrom(end));
  }

  @Test
  void aWriteThroughOneStoreIsReadThroughAnother() {
    PutResponse put = KVGrpc.newBlockingStub(first).put(put("kv/a", "1"));
    RangeResponse read = KVGrpc.newBlockingStub(second)
        .range(RangeRequest.newBuilder().setKey(utf8("kv/a")).build());

    KeyValue kv = read.getKvs(0);
    assertThat(kv.getModRevision()).isEqualTo(put.getHeader().getRevision());
    assertThat(kv.getCreateRevision()).isEqualTo(put.getHeader().getRevision());
    assertThat(kv.getVersion()).isEqualTo(1);
    assertThat(kv.getValue()).isEqualTo(utf8("1"));
    assertThat(read.getHeader().getRevision()).isGreaterThanOrEqualTo(kv.getModRevision());
    assertThat(read.getHeader().getClusterId()).isEqualTo(put.getHeader().getClusterId());
    assertThat(read.getHeader().getClusterId()).isNotZero();
    assertThat(read.getHeader().getMemberId()).isNotEqualTo(put.getHeader().getMemberId());
    assertThat(read.getHeader().getRaftTerm()).isPositive();
  }

  @Test
  void aRangeOverAllRegionsIsOneState() {
    var kv = KVGrpc.newBlockingStub(first);
    for (String key : List.of("a", "g", "n", "u")) {
      kv.put(put(key + "/range", key));
    }
    RangeResponse all = kv.range(RangeRequest.newBuilder()
        .setKey(ByteString.copyFrom(new byte[1]))
        .setRangeEnd(ByteString.copyFrom(new byte[1]))
        .build());
    long before = all.getHeader().getRevision();
    assertThat(all.getKvsList())
        .extracting(KeyValue::getKey)
        .isSortedAccordingTo(
            (left, right) -> ByteString.unsignedLexicographicalComparator().compare(left, right));
    assertThat(all.getCount()).isEqualTo(all.getKvsCount());

    kv.put(put("g/range", "later"));
    RangeResponse then = kv.range(RangeRequest.newBuilder()
        .setKey(ByteString.copyFrom(new byte[1]))
        .setRangeEnd(ByteString.copyFrom(new byte[1]))
        .setRevision(before)
        .build());
    assertThat(then.getKvsList()).isEqualTo(all.getKvsList());
    assertThat(then.getHeader().getRevision()).isGreaterThan(before);
  }

  @Test
  void aLimitCutsAndTheCountDoesNotHeedIt() {
    var kv = KVGrpc.newBlockingStub(first);
    for (int i = 0; i < 5; i++) {
      kv.put(put("limit/" + i, "v" + i));
    }
    RangeResponse page = kv.range(prefix("limit/").setLimit(2).build());
    assertThat(page.getKvsCount()).isEqualTo(2);
    assertThat(page.getMore()).isTrue();
    assertThat(page.getCount()).isEqualTo(5);

    RangeResponse newest = kv.range(prefix("limit/")
        .setLimit(1)
        .setSortTarget(RangeRequest.SortTarget.MOD)
        .setSortOrder(RangeRequest.SortOrder.DESCEND)
        .build());
    assertThat(newest.getKvs(0).getKey()).isEqualTo(utf8("limit/4"));
  }

  @Test
  void aStreamedRangeAddsUpToTheRange() {
    var kv = KVGrpc.newBlockingStub(first);
    for (int i = 0; i < 20; i++) {
      kv.put(put("stream/" + i, "v" + i));
    }
    RangeResponse whole = kv.range(prefix("stream/").build());
    RangeResponse.Builder sum = RangeResponse.newBuilder();
    Iterator<RangeStreamResponse> parts = kv.rangeStream(
        prefix("stream/").setRevision(whole.getHeader().getRevision()).build());
    parts.forEachRemaining(part -> sum.mergeFrom(part.getRangeResponse()));
    assertThat(sum.getKvsList()).isEqualTo(whole.getKvsList());
    assertThat(sum.getCount()).isEqualTo(20);
    assertThat(sum.getMore()).isFalse();
  }

  @Test
  void aTransactionAnswersLikeEtcd() {
    var kv = KVGrpc.newBlockingStub(first);
    TxnRequest create = TxnRequest.newBuilder()
        .addCompare(Compare.newBuilder()
            .setKey(utf8("txn/k"))
            .setTarget(Compare.CompareTarget.CREATE)
            .setCreateRevision(0))
        .addSuccess(RequestOp.newBuilder().setRequestPut(put("txn/k", "1")))
        .addFailure(
            RequestOp.newBuilder().setRequestRange(RangeRequest.newBuilder().setKey(utf8("txn/k"))))
        .build();
    TxnResponse made = kv.txn(create);
    assertThat(made.getSucceeded()).isTrue();
    long revision = made.getHeader().getRevision();
    assertThat(made.getResponses(0).getResponsePut().getHeader().getRevision()).isEqualTo(revision);

    TxnResponse found = kv.txn(create);
    assertThat(found.getSucceeded()).isFalse();
    assertThat(found.getResponses(0).getResponseRange().getKvs(0).getModRevision())
        .isEqualTo(revision);
    assertThat(kv.txn(TxnRequest.getDefaultInstance()).getSucceeded()).isTrue();
  }

  @Test
  void aDeletionTellsWhatItTook() {
    var kv = KVGrpc.newBlockingStub(first);
    kv.put(put("del/1", "a"));
    kv.put(put("del/2", "b"));
    DeleteRangeResponse gone = kv.deleteRange(DeleteRangeRequest.newBuilder()
        .setKey(utf8("del/"))
        .setRangeEnd(utf8("del0"))
        .setPrevKv(true)
        .build());
    assertThat(gone.getDeleted()).isEqualTo(2);
    assertThat(gone.getPrevKvsList())
        .extracting(kept -> kept.getValue().toStringUtf8())
        .containsExactly("a", "b");
  }

  @Test
  void aTransactionAndADeletionKnowNoRegions() {
    var kv = KVGrpc.newBlockingStub(second);
    TxnResponse done = kv.txn(TxnRequest.newBuilder()
        .addCompare(Compare.newBuilder()
            .setKey(utf8("a/all"))
            .setTarget(Compare.CompareTarget.CREATE)
            .setResult(Compare.CompareResult.EQUAL)
            .setCreateRevision(0))
        .addSuccess(RequestOp.newBuilder().setRequestPut(put("a/all", "1")))
        .addSuccess(RequestOp.newBuilder().setRequestPut(put("n/all", "1")))
        .addSuccess(RequestOp.newBuilder().setRequestPut(put("u/all", "1")))
        .addSuccess(RequestOp.newBuilder().setRequestRange(prefix("n/all")))
        .build());
    long revision = done.getHeader().getRevision();
    assertThat(done.getSucceeded()).isTrue();
    assertThat(done.getResponses(1).getResponsePut().getHeader().getRevision()).isEqualTo(revision);
    assertThat(done.getResponses(3).getResponseRange().getKvs(0).getCreateRevision())
        .isEqualTo(revision);
    DeleteRangeResponse gone = kv.deleteRange(DeleteRangeRequest.newBuilder()
        .setKey(utf8("a/all"))
        .setRangeEnd(utf8("u/alm"))
        .build());
    assertThat(gone.getDeleted()).isGreaterThanOrEqualTo(3);
    assertThat(gone.getHeader().getRevision()).isGreaterThan(revision);
    assertThat(kv.range(prefix("u/all").build()).getCount()).isZero();
  }

  @Test
  void etcdsErrorsAreToldInItsWords() {
    var kv = KVGrpc.newBlockingStub(first);
    assertThatThrownBy(() -> kv.range(RangeRequest.getDefaultInstance()))
        .hasMessage("INVALID_ARGUMENT: etcdserver: key is not provided");
    assertThatThrownBy(() -> kv.range(prefix("x").setRevision(1L << 60).build()))
        .hasMessage("OUT_OF_RANGE: etcdserver: mvcc: required revision is a future revision");
    assertThatThrownBy(() -> kv.put(put("x", "v").toBuilder().setLease(77).build()))
        .hasMessage("NOT_FOUND: etcdserver: requested lease not found");
    assertThatThrownBy(
            () -> kv.put(put("x", "v").toBuilder().setIgnoreValue(true).build()))
        .hasMessage("INVALID_ARGUMENT: etcdserver: value is provided");
    assertThatThrownBy(() -> kv.txn(TxnRequest.newBuilder()
            .addSuccess(RequestOp.newBuilder().setRequestPut(put("x", "1")))
            .addSuccess(RequestOp.newBuilder().setRequestPut(put("x", "2")))
            .build()))
        .hasMessage("INVALID_ARGUMENT: etcdserver: duplicate key given in txn request");
    TxnRequest.Builder large = TxnRequest.newBuilder();
    for (int i = 0; i < 129; i++) {
      large.addSuccess(RequestOp.newBuilder().setRequestPut(put("x" + i, "")));
    }
    assertThatThrownBy(() -> kv.txn(large.build()))
        .hasMessage("INVALID_ARGUMENT: etcdserver: too many operations in txn request");
    assertThatThrownBy(() -> kv.put(put("x", "v".repeat(2_000_000))))
        .hasMessage("INVALID_ARGUMENT: etcdserver: request is too large");
  }

  @Test
  void everyStoreIsAMember() {
    List<String> addresses = new ArrayList<>();
    for (Member member : ClusterGrpc.newBlockingStub(first)
        .memberList(MemberListRequest.getDefaultInstance())
        .getMembersList()) {
      assertThat(member.getID()).isNotZero();
      addresses.add(member.getClientURLs(0));
    }
    assertThat(addresses)
        .containsExactlyInAnyOrder(
            "http://" + cluster.storeAddress(1),
            "http://" + cluster.storeAddress(2),
            "http://" + cluster.storeAddress(3));
  }

  /** Found by {@code EtcdFuzzIT}. */
  @Test
  void aRangeOfNoKeysIsEmptyWhoeverMayAnswer() {
    RangeRequest none = RangeRequest.newBuilder()
        .setKey(ByteString.copyFromUtf8("f"))
        .setRangeEnd(ByteString.copyFromUtf8("c"))
        .build();
    for (boolean serializable : List.of(false, true)) {
      RangeResponse answer = KVGrpc.newBlockingStub(first)
          .range(none.toBuilder().setSerializable(serializable).build());
      assertThat(answer.getCount()).isZero();
      assertThat(answer.getHeader().getRevision()).isPositive();
    }
  }

  @Test
  void aStatusNamesVersionAndLeader() {
    StatusResponse status =
        MaintenanceGrpc.newBlockingStub(first).status(StatusRequest.getDefaultInstance());
    assertThat(status.getVersion()).startsWith("3.5.");
    assertThat(status.getRaftTerm()).isPositive();
    assertThat(status.getDbSizeInUse()).isPositive().isLessThanOrEqualTo(status.getDbSize());
    assertThat(ClusterGrpc.newBlockingStub(first)
            .memberList(MemberListRequest.getDefaultInstance())
            .getMembersList())
        .extracting(Member::getID)
        .contains(status.getLeader());
    assertThat(AuthGrpc.newBlockingStub(first)
            .authStatus(AuthStatusRequest.getDefaultInstance())
            .getEnabled())
        .isFalse();
  }

  private static HttpResponse<String> ask(String method, String path, String body)
      throws Exception {
    HttpRequest request = HttpRequest.newBuilder(
            URI.create("http://" + cluster.storeAddress(3) + path))
        .version(HttpClient.Version.HTTP_1_1)
        .method(method, HttpRequest.BodyPublishers.ofString(body))
        .build();
    return HTTP.send(request, HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void theSamePortSpeaksJson() throws Exception {
    // "json/k" and "v" in base64.
    HttpResponse<String> put =
        ask("POST", "/v3/kv/put", "{\"key\":\"anNvbi9r\",\"value\":\"dg==\"}");
    assertThat(put.statusCode()).isEqualTo(200);
    assertThat(put.body()).contains("\"header\":{\"cluster_id\":\"").contains("\"revision\":\"");

    HttpResponse<String> read = ask("POST", "/v3/kv/range", "{\"key\":\"anNvbi9r\"}");
    assertThat(read.body())
        .contains("\"kvs\":[{\"key\":\"anNvbi9r\",\"create_revision\":\"")
        .contains("\"value\":\"dg==\"")
        .contains("\"count\":\"1\"")
        .doesNotContain("more");
  }

  @Test
  void whatGoesWrongIsToldInJson() throws Exception {
    HttpResponse<String> keyless = ask("POST", "/v3/kv/range", "{}");
    assertThat(keyless.statusCode()).isEqualTo(400);
    assertThat(keyless.body())
        .isEqualTo("{\"error\":\"etcdserver: key is not provided\",\"code\":3,"
            + "\"message\":\"etcdserver: key is not provided\"}");
    assertThat(ask("POST", "/v3/kv/range", "{\"key\":").statusCode()).isEqualTo(400);
    assertThat(ask("POST", "/v3/kv/range", "[1]").statusCode()).isEqualTo(400);
    assertThat(ask("POST", "/v3/nothing", "{}").statusCode()).isEqualTo(404);
    assertThat(ask("GET", "/v3/kv/range", "").statusCode()).isEqualTo(405);
  }

  @Test
  void theSamePortHasPagesForMonitors() throws Exception {
    assertThat(ask("GET", "/version", "").body())
        .isEqualTo("{\"etcdserver\":\"3.5.21\",\"etcdcluster\":\"3.5.21\"}");
    assertThat(ask("GET", "/health", "").body()).isEqualTo("{\"health\":\"true\",\"reason\":\"\"}");
    assertThat(ask("GET", "/readyz", "").statusCode()).isEqualTo(200);
    assertThat(ask("GET", "/livez", "").statusCode()).isEqualTo(200);
    assertThat(ask("GET", "/elsewhere", "").statusCode()).isEqualTo(404);
  }

  /** Whatever comes to the port, the store goes on. */
  @Test
  void garbageIsAnsweredOrCutOff() throws Exception {
    for (byte[] bytes : List.of(
        new byte[] {0, 0, 0, 0, 0, 0, 0, 0},
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nnonsense".getBytes(StandardCharsets.US_ASCII),
        "PRX / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII),
        "\r\n\r\n\r\n".getBytes(StandardCharsets.US_ASCII))) {
      String address = cluster.storeAddress(3);
      int colon = address.lastIndexOf(':');
      try (Socket socket =
          new Socket(address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)))) {
        socket.getOutputStream().write(bytes);
        socket.shutdownOutput();
        socket.getInputStream().readAllBytes();
      }
    }
    assertThat(ask("GET", "/health", "").statusCode()).isEqualTo(200);
  }
}
