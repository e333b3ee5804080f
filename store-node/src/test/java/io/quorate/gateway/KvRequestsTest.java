package io.quorate.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.quorate.client.RangeOptions;
import io.quorate.client.RevisionFilter;
import io.quorate.client.SortOrder;
import io.quorate.client.SortTarget;
import io.quorate.client.Txn;
import io.quorate.client.TxnOp;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.proto.etcd.Compare;
import io.quorate.proto.etcd.PutRequest;
import io.quorate.proto.etcd.RangeRequest;
import io.quorate.proto.etcd.RequestOp;
import io.quorate.proto.etcd.TxnRequest;
import org.junit.jupiter.api.Test;

class KvRequestsTest {
  private static final ByteString ZERO = ByteString.copyFrom(new byte[] {0});

  private static ByteString utf8(String text) {
    return ByteString.copyFromUtf8(text);
  }

  @Test
  void keysAreNamedAsEtcdDoes() {
    assertThat(KvRequests.range(utf8("a"), ByteString.EMPTY))
        .isEqualTo(KeyRange.single(Bytes.utf8("a")));
    assertThat(KvRequests.range(utf8("a"), utf8("c")))
        .isEqualTo(KeyRange.of(Bytes.utf8("a"), Bytes.utf8("c")));
    assertThat(KvRequests.range(utf8("a"), ZERO))
        .isEqualTo(KeyRange.of(Bytes.utf8("a"), Bytes.EMPTY));
    assertThat(KvRequests.range(ZERO, ZERO).contains(Bytes.utf8("\u0000"))).isTrue();
    assertThat(KvRequests.range(utf8("c"), utf8("a")).isEmpty()).isTrue();
  }

  @Test
  void aKeyMustBeGiven() {
    assertThatThrownBy(() -> KvRequests.range(ByteString.EMPTY, utf8("b")))
        .hasMessageContaining("INVALID_ARGUMENT")
        .hasMessageContaining("etcdserver: key is not provided");
    assertThatThrownBy(() -> KvRequests.key(PutRequest.getDefaultInstance()))
        .hasMessageContaining("etcdserver: key is not provided");
  }

  @Test
  void numbersBelowZeroAskForNothingSpecial() {
    RangeOptions options = KvRequests.options(
        RangeRequest.newBuilder().setLimit(-1).setRevision(-7).build());
    assertThat(options.limit()).isZero();
    assertThat(options.revision()).isZero();
    assertThat(options.filter()).isEqualTo(RevisionFilter.NONE);
  }

  @Test
  void aMaximumBelowZeroLetsNothingThrough() {
    RevisionFilter filter = KvRequests.options(
            RangeRequest.newBuilder().setMaxModRevision(-1).build())
        .filter();
    assertThat(filter.minMod()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void noOrderIsAscending() {
    RangeOptions options = KvRequests.options(
        RangeRequest.newBuilder().setSortTarget(RangeRequest.SortTarget.MOD).build());
    assertThat(options.target()).isEqualTo(SortTarget.MOD);
    assertThat(options.order()).isEqualTo(SortOrder.ASCENDING);
  }

  @Test
  void anUnknownOrderIsRefused() {
    assertThatThrownBy(() ->
            KvRequests.options(RangeRequest.newBuilder().setSortOrderValue(9).build()))
        .hasMessageContaining("etcdserver: invalid sort option");
    assertThatThrownBy(() ->
            KvRequests.options(RangeRequest.newBuilder().setSortTargetValue(9).build()))
        .hasMessageContaining("etcdserver: invalid sort option");
  }

  @Test
  void aTransactionIsReadToItsLastBranch() {
    TxnRequest inner = TxnRequest.newBuilder()
        .addSuccess(RequestOp.newBuilder()
            .setRequestPut(PutRequest.newBuilder().setKey(utf8("k")).setLease(7).setPrevKv(true)))
        .build();
    Txn txn = KvRequests.txn(TxnRequest.newBuilder()
        .addCompare(Compare.newBuilder()
            .setKey(utf8("a"))
            .setRangeEnd(utf8("b"))
            .setTarget(Compare.CompareTarget.MOD)
            .setResult(Compare.CompareResult.GREATER)
            .setModRevision(5))
        .addFailure(RequestOp.newBuilder().setRequestTxn(inner))
        .build());
    assertThat(txn.compares())
        .containsExactly(new io.quorate.client.Compare(
            KeyRange.of(Bytes.utf8("a"), Bytes.utf8("b")),
            io.quorate.client.Compare.Target.MOD_REVISION,
            io.quorate.client.Compare.Relation.GREATER,
            5,
            Bytes.EMPTY));
    Txn nested = ((TxnOp.Nested) txn.failure().get(0)).txn();
    TxnOp.Put put = (TxnOp.Put) nested.success().get(0);
    assertThat(put.options().lease()).isEqualTo(7);
    assertThat(put.options().previous()).isTrue();
  }

  @Test
  void anOperationWithoutContentIsAKeyNotFound() {
    assertThatThrownBy(() -> KvRequests.txn(
            TxnRequest.newBuilder().addSuccess(RequestOp.getDefaultInstance()).build()))
        .hasMessageContaining("etcdserver: key not found");
  }
}
