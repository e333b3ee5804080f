package io.quorate.gateway;

import io.quorate.client.DeleteResult;
import io.quorate.client.KeyValue;
import io.quorate.client.OpResult;
import io.quorate.client.PutResult;
import io.quorate.client.RangeResult;
import io.quorate.client.TxnResult;
import io.quorate.proto.etcd.DeleteRangeResponse;
import io.quorate.proto.etcd.PutResponse;
import io.quorate.proto.etcd.RangeResponse;
import io.quorate.proto.etcd.ResponseHeader;
import io.quorate.proto.etcd.ResponseOp;
import io.quorate.proto.etcd.TxnResponse;

/** Writes the SDK's results as etcd's answers. Stateless. */
final class KvResponses {
  private KvResponses() {}

  static io.quorate.proto.etcd.mvcc.KeyValue keyValue(KeyValue kv) {
    return io.quorate.proto.etcd.mvcc.KeyValue.newBuilder()
        .setKey(kv.key().toByteString())
        .setCreateRevision(kv.createRevision())
        .setModRevision(kv.modRevision())
        .setVersion(kv.version())
        .setValue(kv.value().toByteString())
        .setLease(kv.lease())
        .build();
  }

  static RangeResponse range(ResponseHeader header, RangeResult result) {
    RangeResponse.Builder response = RangeResponse.newBuilder()
        .setHeader(header)
        .setMore(result.more())
        .setCount(result.count());
    result.kvs().forEach(kv -> response.addKvs(keyValue(kv)));
    return response.build();
  }

  static PutResponse put(ResponseHeader header, PutResult result) {
    PutResponse.Builder response = PutResponse.newBuilder().setHeader(header);
    result.previous().ifPresent(kv -> response.setPrevKv(keyValue(kv)));
    return response.build();
  }

  static DeleteRangeResponse delete(ResponseHeader header, DeleteResult result) {
    DeleteRangeResponse.Builder response =
        DeleteRangeResponse.newBuilder().setHeader(header).setDeleted(result.deleted());
    result.previous().forEach(kv -> response.addPrevKvs(keyValue(kv)));
    return response.build();
  }

  static TxnResponse txn(ResponseHeader header, TxnResult result) {
    return new Inside(header.getRevision(), writes(result)).txn(header, result);
  }

  private static boolean writes(OpResult result) {
    return result instanceof PutResult
        || (result instanceof DeleteResult delete && delete.deleted() > 0)
        || (result instanceof TxnResult txn
            && txn.results().stream().anyMatch(KvResponses::writes));
  }

  /**
   * The operations of one transaction, in their order. Their headers have a revision only: until the first one that wrote, that
   * from before the transaction; those of nested transactions have none (etcd server/etcdserver/txn).
   */
  private static final class Inside {
    private final ResponseHeader after;
    private ResponseHeader now;

    Inside(long revision, boolean writes) {
      after = ResponseHeader.newBuilder().setRevision(revision).build();
      now = writes ? after.toBuilder().setRevision(revision - 1).build() : after;
    }

    private TxnResponse txn(ResponseHeader header, TxnResult result) {
      TxnResponse.Builder response =
          TxnResponse.newBuilder().setHeader(header).setSucceeded(result.succeeded());
      result.results().forEach(each -> response.addResponses(operation(each)));
      return response.build();
    }

    private ResponseOp operation(OpResult result) {
      ResponseOp.Builder operation = ResponseOp.newBuilder();
      if (result instanceof TxnResult nested) {
        return operation
            .setResponseTxn(txn(ResponseHeader.getDefaultInstance(), nested))
            .build();
      }
      now = writes(result) ? after : now;
      if (result instanceof PutResult put) {
        operation.setResponsePut(put(now, put));
      } else if (result instanceof DeleteResult delete) {
        operation.setResponseDeleteRange(delete(now, delete));
      } else if (result instanceof RangeResult range) {
        operation.setResponseRange(range(now, range));
      }
      return operation.build();
    }
  }
}
