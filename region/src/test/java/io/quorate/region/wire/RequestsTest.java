package io.quorate.region.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Wire;
import io.quorate.proto.Compare;
import io.quorate.proto.CompareResult;
import io.quorate.proto.CompareTarget;
import io.quorate.proto.DeleteRangeRequest;
import io.quorate.proto.GetRequest;
import io.quorate.proto.Operation;
import io.quorate.proto.PutRequest;
import io.quorate.proto.RangeRequest;
import io.quorate.proto.RefusalCode;
import io.quorate.proto.Request;
import io.quorate.proto.Response;
import io.quorate.proto.TxnRequest;
import io.quorate.region.command.DeleteRange;
import io.quorate.region.command.Outcome;
import io.quorate.region.command.Put;
import io.quorate.region.command.Read;
import io.quorate.region.command.Refusal;
import io.quorate.region.command.Result;
import io.quorate.region.command.Txn;
import io.quorate.region.mvcc.KeyVersion;
import io.quorate.region.mvcc.RangeQuery;
import io.quorate.region.mvcc.RangeResult;
import io.quorate.region.mvcc.Version;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class RequestsTest {
  private static final ByteString KEY = ByteString.copyFromUtf8("key");
  private static final Bytes BYTES = Bytes.utf8("key");

  private static Request put(ByteString key, int valueBytes) {
    return Request.newBuilder()
        .setPut(
            PutRequest.newBuilder().setKey(key).setValue(ByteString.copyFrom(new byte[valueBytes])))
        .build();
  }

  private static RefusalCode refused(Request request) {
    assertThat(Requests.parse(request)).isInstanceOf(Parsed.Refused.class);
    return ((Parsed.Refused) Requests.parse(request)).refusal().code();
  }

  @Test
  void everyBodyIsUnderstood() {
    assertThat(Requests.parse(put(KEY, 1)))
        .isEqualTo(new Parsed.Write(Put.of(BYTES, Bytes.wrap(new byte[1]))));
    assertThat(Requests.parse(
            Request.newBuilder().setGet(GetRequest.newBuilder().setKey(KEY)).build()))
        .isEqualTo(new Parsed.Get(BYTES));
    RangeRequest range = RangeRequest.newBuilder()
        .setRange(Wire.range(KeyRange.ALL))
        .setLimit(3)
        .setSerializable(true)
        .build();
    RangeQuery query = RangeQuery.of(KeyRange.ALL).withLimit(3);
    assertThat(Requests.parse(Request.newBuilder().setRange(range).build()))
        .isEqualTo(new Parsed.Range(query, true));
    TxnRequest txn = TxnRequest.newBuilder()
        .addCompares(Compare.newBuilder()
            .setRange(Wire.range(KeyRange.single(BYTES)))
            .setTarget(CompareTarget.COMPARE_MOD)
            .setResult(CompareResult.LESS)
            .setNumber(9))
        .addSuccess(Operation.newBuilder().setRange(range))
        .addFailure(Operation.newBuilder()
            .setDeleteRange(DeleteRangeRequest.newBuilder().setRange(Wire.range(KeyRange.ALL))))
        .build();
    assertThat(Requests.parse(Request.newBuilder().setTxn(txn).build()))
        .isEqualTo(new Parsed.Write(new Txn(
            List.of(new io.quorate.region.command.Compare(
                KeyRange.single(BYTES),
                io.quorate.region.command.Compare.Target.MOD,
                io.quorate.region.command.Compare.Relation.LESS,
                9,
                Bytes.EMPTY)),
            List.of(new Read(query)),
            List.of(new DeleteRange(KeyRange.ALL, false)))));
  }

  @Test
  void whatCannotBeGrantedIsRefusedBeforeTheLog() {
    assertThat(refused(put(ByteString.EMPTY, 1))).isEqualTo(RefusalCode.KEY_NOT_PROVIDED);
    assertThat(refused(put(KEY, 1_600_000))).isEqualTo(RefusalCode.REQUEST_TOO_LARGE);
    assertThat(refused(Request.getDefaultInstance())).isEqualTo(RefusalCode.INVALID_ARGUMENT);
    assertThat(
            refused(Request.newBuilder().setGet(GetRequest.getDefaultInstance()).build()))
        .isEqualTo(RefusalCode.KEY_NOT_PROVIDED);
    assertThat(refused(Request.newBuilder()
            .setRange(
                RangeRequest.newBuilder().setRange(Wire.range(KeyRange.ALL)).setSortTargetValue(77))
            .build()))
        .isEqualTo(RefusalCode.INVALID_SORT_OPTION);
    assertThat(refused(Request.newBuilder()
            .setTxn(TxnRequest.newBuilder().addSuccess(Operation.getDefaultInstance()))
            .build()))
        .isEqualTo(RefusalCode.KEY_NOT_FOUND);
    assertThat(refused(Request.newBuilder()
            .setTxn(TxnRequest.newBuilder()
                .addCompares(
                    Compare.newBuilder().setRange(Wire.range(KeyRange.ALL)).setResultValue(9)))
            .build()))
        .isEqualTo(RefusalCode.INVALID_ARGUMENT);
  }

  @Test
  void outcomesBecomeAnswers() {
    KeyVersion kv = new KeyVersion(BYTES, new Version(4, 0, 3, 2, 0, Bytes.utf8("v")));
    Outcome done = new Outcome.Done(
        9,
        new Result.TxnDone(
            true,
            List.of(
                new Result.PutDone(Optional.of(kv)),
                new Result.Deleted(1, List.of(kv)),
                new Result.Found(new RangeResult(List.of(kv), true, 5)),
                new Result.TxnDone(false, List.of()))));
    Response response = Responses.of(done).build();
    assertThat(response.getRevision()).isEqualTo(9);
    assertThat(response.getTxn().getSucceeded()).isTrue();
    assertThat(response.getTxn().getResponses(0).getPut().getPrevious().getModRevision())
        .isEqualTo(4);
    assertThat(response.getTxn().getResponses(1).getDeleteRange().getPreviousCount())
        .isEqualTo(1);
    assertThat(response.getTxn().getResponses(2).getRange().getCount()).isEqualTo(5);
    assertThat(response.getTxn().getResponses(3).getTxn().getSucceeded()).isFalse();
    assertThat(response.getTxn().getResponses(2).getRange().getKvs(0).getValue())
        .isEqualTo(ByteString.copyFromUtf8("v"));
  }

  @Test
  void refusalsKeepTheirTextAndARestampIsNoAnswer() {
    Response response = Responses.of(new Outcome.Refused(Refusal.compacted(7))).build();
    assertThat(response.getRefusal().getCompacted()).isEqualTo(7);
    assertThat(response.getRefusal().getMessage())
        .isEqualTo("etcdserver: mvcc: required revision has been compacted");
    assertThatThrownBy(() -> Responses.of(new Outcome.Restamp(3)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(Responses.ofGet(BYTES, Version.NONE).getGet().hasKv()).isFalse();
  }
}
