package io.quorate.gateway;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.quorate.client.Compare;
import io.quorate.client.DeleteOptions;
import io.quorate.client.PutOptions;
import io.quorate.client.RangeOptions;
import io.quorate.client.RevisionFilter;
import io.quorate.client.SortOrder;
import io.quorate.client.SortTarget;
import io.quorate.client.Txn;
import io.quorate.client.TxnOp;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.proto.etcd.DeleteRangeRequest;
import io.quorate.proto.etcd.PutRequest;
import io.quorate.proto.etcd.RangeRequest;
import io.quorate.proto.etcd.RequestOp;
import io.quorate.proto.etcd.TxnRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads etcd's requests as the SDK's; what etcd refuses unseen is refused here with its words. Stateless. */
final class KvRequests {
  private KvRequests() {}

  static KeyRange range(ByteString key, ByteString rangeEnd) {
    if (key.isEmpty()) {
      throw EtcdErrors.KEY_NOT_PROVIDED.asRuntimeException();
    }
    return EtcdKeys.range(key, rangeEnd);
  }

  static RangeOptions options(RangeRequest request) {
    return new RangeOptions(
        Math.max(0, request.getLimit()),
        Math.max(0, request.getRevision()),
        target(request.getSortTarget()),
        order(request),
        request.getKeysOnly(),
        request.getCountOnly(),
        true,
        filter(request),
        Optional.empty(),
        false,
        request.getSerializable());
  }

  private static SortTarget target(RangeRequest.SortTarget target) {
    return switch (target) {
      case KEY -> SortTarget.KEY;
      case VERSION -> SortTarget.VERSION;
      case CREATE -> SortTarget.CREATE;
      case MOD -> SortTarget.MOD;
      case VALUE -> SortTarget.VALUE;
      case UNRECOGNIZED -> throw EtcdErrors.INVALID_SORT_OPTION.asRuntimeException();
    };
  }

  /** No order means ascending: of keys because they lie so, of all else because etcd says so. */
  private static SortOrder order(RangeRequest request) {
    return switch (request.getSortOrder()) {
      case NONE, ASCEND -> SortOrder.ASCENDING;
      case DESCEND -> SortOrder.DESCENDING;
      case UNRECOGNIZED -> throw EtcdErrors.INVALID_SORT_OPTION.asRuntimeException();
    };
  }

  /** A maximum below zero lets nothing through, which zero would not say. */
  private static RevisionFilter filter(RangeRequest request) {
    if (request.getMaxModRevision() < 0 || request.getMaxCreateRevision() < 0) {
      return new RevisionFilter(Long.MAX_VALUE, 0, 0, 0);
    }
    return new RevisionFilter(
        Math.max(0, request.getMinModRevision()),
        request.getMaxModRevision(),
        Math.max(0, request.getMinCreateRevision()),
        request.getMaxCreateRevision());
  }

  static Bytes key(PutRequest request) {
    if (request.getKey().isEmpty()) {
      throw EtcdErrors.KEY_NOT_PROVIDED.asRuntimeException();
    }
    return Bytes.of(request.getKey());
  }

  static PutOptions options(PutRequest request) {
    return new PutOptions(
        request.getLease(),
        request.getPrevKv(),
        request.getIgnoreValue(),
        request.getIgnoreLease(),
        Optional.empty());
  }

  static DeleteOptions options(DeleteRangeRequest request) {
    return new DeleteOptions(request.getPrevKv(), Optional.empty());
  }

  static Txn txn(TxnRequest request) {
    List<Compare> compares = new ArrayList<>(request.getCompareCount());
    for (io.quorate.proto.etcd.Compare compare : request.getCompareList()) {
      compares.add(compare(compare));
    }
    return new Txn(
        compares, operations(request.getSuccessList()), operations(request.getFailureList()));
  }

  private static List<TxnOp> operations(List<RequestOp> requests) {
    List<TxnOp> operations = new ArrayList<>(requests.size());
    for (RequestOp request : requests) {
      operations.add(operation(request));
    }
    return operations;
  }

  private static TxnOp operation(RequestOp request) {
    return switch (request.getRequestCase()) {
      case REQUEST_RANGE -> {
        RangeRequest range = request.getRequestRange();
        yield TxnOp.range(
            range(range.getKey(), range.getRangeEnd()), options(range).withoutStale());
      }
      case REQUEST_PUT -> {
        PutRequest put = request.getRequestPut();
        yield TxnOp.put(key(put), Bytes.of(put.getValue()), options(put));
      }
      case REQUEST_DELETE_RANGE -> {
        DeleteRangeRequest delete = request.getRequestDeleteRange();
        yield TxnOp.delete(range(delete.getKey(), delete.getRangeEnd()), options(delete));
      }
      case REQUEST_TXN -> TxnOp.txn(txn(request.getRequestTxn()));
      // etcd calls an operation without content a key that it does not find.
      case REQUEST_NOT_SET -> throw EtcdErrors.KEY_NOT_FOUND.asRuntimeException();
    };
  }

  private static Compare compare(io.quorate.proto.etcd.Compare request) {
    KeyRange keys = range(request.getKey(), request.getRangeEnd());
    Compare.Relation relation = switch (request.getResult()) {
      case EQUAL -> Compare.Relation.EQUAL;
      case GREATER -> Compare.Relation.GREATER;
      case LESS -> Compare.Relation.LESS;
      case NOT_EQUAL -> Compare.Relation.NOT_EQUAL;
      case UNRECOGNIZED -> throw unknown("result");
    };
    return switch (request.getTarget()) {
      case VERSION -> number(keys, Compare.Target.VERSION, relation, request.getVersion());
      case CREATE ->
        number(keys, Compare.Target.CREATE_REVISION, relation, request.getCreateRevision());
      case MOD -> number(keys, Compare.Target.MOD_REVISION, relation, request.getModRevision());
      case LEASE -> number(keys, Compare.Target.LEASE, relation, request.getLease());
      case VALUE ->
        new Compare(keys, Compare.Target.VALUE, relation, 0, Bytes.of(request.getValue()));
      case UNRECOGNIZED -> throw unknown("target");
    };
  }

  private static Compare number(
      KeyRange keys, Compare.Target target, Compare.Relation relation, long number) {
    return new Compare(keys, target, relation, number, Bytes.EMPTY);
  }

  private static RuntimeException unknown(String what) {
    return Status.INVALID_ARGUMENT
        .withDescription("quorate: the " + what + " of a compare is none of those that etcd knows")
        .asRuntimeException();
  }
}
