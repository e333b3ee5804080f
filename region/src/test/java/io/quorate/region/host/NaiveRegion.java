package io.quorate.region.host;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Wire;
import io.quorate.proto.Compare;
import io.quorate.proto.DeleteRangeRequest;
import io.quorate.proto.DeleteRangeResponse;
import io.quorate.proto.KeyValue;
import io.quorate.proto.Operation;
import io.quorate.proto.OperationResponse;
import io.quorate.proto.PutRequest;
import io.quorate.proto.PutResponse;
import io.quorate.proto.RangeRequest;
import io.quorate.proto.RangeResponse;
import io.quorate.proto.Request;
import io.quorate.proto.Response;
import io.quorate.proto.TxnRequest;
import io.quorate.proto.TxnResponse;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a region's history should be, kept as naively as possible: a whole map for every revision. */
final class NaiveRegion {
  private final NavigableMap<Long, NavigableMap<Bytes, KeyValue>> states = new TreeMap<>();

  NaiveRegion() {
    states.put(0L, new TreeMap<>());
  }

  /** Appends a write at a revision above all before, and says what it should be answered. */
  Response write(Request request, long revision) {
    NavigableMap<Bytes, KeyValue> state = new TreeMap<>(states.lastEntry().getValue());
    Response response = run(request, state, revision);
    states.put(revision, state);
    return response;
  }

  /** What the request should be answered at the revision, if it writes nothing there; null if it writes. */
  @Nullable
  Response read(Request request, long revision) {
    NavigableMap<Bytes, KeyValue> before = at(revision);
    NavigableMap<Bytes, KeyValue> state = new TreeMap<>(before);
    Response response = run(request, state, revision);
    return state.equals(before) ? response : null;
  }

  NavigableMap<Bytes, KeyValue> at(long revision) {
    Map.Entry<Long, NavigableMap<Bytes, KeyValue>> entry = states.floorEntry(revision);
    if (entry == null) {
      throw new IllegalStateException("no state at " + revision);
    }
    return entry.getValue();
  }

  NavigableMap<Long, NavigableMap<Bytes, KeyValue>> states() {
    return states;
  }

  private static Response run(Request request, NavigableMap<Bytes, KeyValue> state, long revision) {
    Response.Builder response =
        Response.newBuilder().setRequestId(request.getRequestId()).setRevision(revision);
    switch (request.getBodyCase()) {
      case PUT -> response.setPut(put(request.getPut(), state, revision));
      case DELETE_RANGE -> response.setDeleteRange(delete(request.getDeleteRange(), state));
      case RANGE -> response.setRange(range(request.getRange(), state));
      case TXN -> response.setTxn(txn(request.getTxn(), state, revision));
      default -> throw new IllegalStateException("not in the model: " + request);
    }
    return response.build();
  }

  private static PutResponse put(
      PutRequest put, NavigableMap<Bytes, KeyValue> state, long revision) {
    Bytes key = Bytes.of(put.getKey());
    KeyValue old = state.get(key);
    state.put(
        key,
        KeyValue.newBuilder()
            .setKey(put.getKey())
            .setValue(put.getValue())
            .setModRevision(revision)
            .setCreateRevision(old == null ? revision : old.getCreateRevision())
            .setVersion(old == null ? 1 : old.getVersion() + 1)
            .build());
    PutResponse.Builder response = PutResponse.newBuilder();
    if (put.getPrevious() && old != null) {
      response.setPrevious(old);
    }
    return response.build();
  }

  private static DeleteRangeResponse delete(
      DeleteRangeRequest delete, NavigableMap<Bytes, KeyValue> state) {
    KeyRange range = Wire.range(delete.getRange());
    List<Bytes> doomed = state.keySet().stream().filter(range::contains).toList();
    doomed.forEach(state::remove);
    return DeleteRangeResponse.newBuilder().setDeleted(doomed.size()).build();
  }

  private static RangeResponse range(RangeRequest request, NavigableMap<Bytes, KeyValue> state) {
    KeyRange range = Wire.range(request.getRange());
    List<KeyValue> found = state.values().stream()
        .filter(kv -> range.contains(Bytes.of(kv.getKey())))
        .toList();
    return RangeResponse.newBuilder().addAllKvs(found).setCount(found.size()).build();
  }

  private static TxnResponse txn(
      TxnRequest txn, NavigableMap<Bytes, KeyValue> state, long revision) {
    boolean succeeded = txn.getComparesList().stream().allMatch(one -> holds(one, state));
    TxnResponse.Builder response = TxnResponse.newBuilder().setSucceeded(succeeded);
    for (Operation operation : succeeded ? txn.getSuccessList() : txn.getFailureList()) {
      OperationResponse.Builder one = response.addResponsesBuilder();
      switch (operation.getKindCase()) {
        case PUT -> one.setPut(put(operation.getPut(), state, revision));
        case DELETE_RANGE -> one.setDeleteRange(delete(operation.getDeleteRange(), state));
        case RANGE -> one.setRange(range(operation.getRange(), state));
        default -> throw new IllegalStateException("not in the model: " + operation);
      }
    }
    return response.build();
  }

  private static boolean holds(Compare compare, NavigableMap<Bytes, KeyValue> state) {
    KeyValue kv = state.get(Bytes.of(compare.getRange().getStart()));
    long mod = kv == null ? 0 : kv.getModRevision();
    return switch (compare.getResult()) {
      case EQUAL -> mod == compare.getNumber();
      case GREATER -> mod > compare.getNumber();
      default -> throw new IllegalStateException("not in the model: " + compare);
    };
  }
}
