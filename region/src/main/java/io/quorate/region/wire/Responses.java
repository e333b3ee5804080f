package io.quorate.region.wire;

import io.quorate.model.Bytes;
import io.quorate.model.RegionError;
import io.quorate.model.Wire;
import io.quorate.proto.DeleteRangeResponse;
import io.quorate.proto.GetResponse;
import io.quorate.proto.KeyValue;
import io.quorate.proto.OperationResponse;
import io.quorate.proto.PutResponse;
import io.quorate.proto.RangeResponse;
import io.quorate.proto.Response;
import io.quorate.proto.RestoreResponse;
import io.quorate.proto.TxnResponse;
import io.quorate.region.command.Outcome;
import io.quorate.region.command.Refusal;
import io.quorate.region.command.Result;
import io.quorate.region.mvcc.KeyVersion;
import io.quorate.region.mvcc.RangeResult;
import io.quorate.region.mvcc.Version;
import java.util.List;

/** From outcomes to kv messages; request ids are the caller's to set. Stateless. */
public final class Responses {
  private Responses() {}

  /**
   * The answer to an outcome.
   *
   * @throws IllegalArgumentException for a restamp: that is no answer, the command is to be proposed again
   */
  public static Response.Builder of(Outcome outcome) {
    Response.Builder response = Response.newBuilder();
    if (outcome instanceof Outcome.Done done) {
      return put(response.setRevision(done.revision()), done.result());
    }
    if (outcome instanceof Outcome.Refused refused) {
      return response.setRefusal(refusal(refused.refusal()));
    }
    if (outcome instanceof Outcome.EpochMismatch mismatch) {
      return of(new RegionError.EpochMismatch(
          List.of(mismatch.current()),
          "region " + mismatch.current().id() + " is at epoch "
              + mismatch.current().epoch()));
    }
    throw new IllegalArgumentException("no answer: " + outcome);
  }

  public static Response.Builder of(RegionError error) {
    return Response.newBuilder().setRegionError(Wire.error(error));
  }

  public static Response.Builder of(Refusal refusal) {
    return Response.newBuilder().setRefusal(refusal(refusal));
  }

  /** The answer to a get, without a snapshot revision. */
  public static Response.Builder ofGet(Bytes key, Version version) {
    GetResponse.Builder get = GetResponse.newBuilder();
    if (version.isLive()) {
      get.setKv(keyValue(key, version));
    }
    return Response.newBuilder().setGet(get);
  }

  private static Response.Builder put(Response.Builder response, Result result) {
    if (result instanceof Result.PutDone put) {
      return response.setPut(put(put));
    }
    if (result instanceof Result.Deleted deleted) {
      return response.setDeleteRange(deleted(deleted));
    }
    if (result instanceof Result.Found found) {
      return response.setRange(range(found.range()));
    }
    if (result instanceof Result.Restored) {
      return response.setRestore(RestoreResponse.getDefaultInstance());
    }
    if (result instanceof Result.Leased leased) {
      return response.setLease(LeaseMessages.of(leased));
    }
    return TxnMessages.put(response, result)
        ? response
        : response.setTxn(txn((Result.TxnDone) result));
  }

  private static PutResponse put(Result.PutDone put) {
    return put.previous()
        .map(
            previous -> PutResponse.newBuilder().setPrevious(keyValue(previous)).build())
        .orElse(PutResponse.getDefaultInstance());
  }

  private static DeleteRangeResponse deleted(Result.Deleted deleted) {
    DeleteRangeResponse.Builder message =
        DeleteRangeResponse.newBuilder().setDeleted(deleted.deleted());
    deleted.previous().forEach(previous -> message.addPrevious(keyValue(previous)));
    return message.build();
  }

  private static RangeResponse range(RangeResult range) {
    RangeResponse.Builder message =
        RangeResponse.newBuilder().setMore(range.more()).setCount(range.count());
    range.items().forEach(item -> message.addKvs(keyValue(item)));
    return message.build();
  }

  private static TxnResponse txn(Result.TxnDone txn) {
    TxnResponse.Builder message = TxnResponse.newBuilder().setSucceeded(txn.succeeded());
    for (Result result : txn.results()) {
      OperationResponse.Builder one = message.addResponsesBuilder();
      if (result instanceof Result.PutDone put) {
        one.setPut(put(put));
      } else if (result instanceof Result.Deleted deleted) {
        one.setDeleteRange(deleted(deleted));
      } else if (result instanceof Result.Found found) {
        one.setRange(range(found.range()));
      } else if (result instanceof Result.TxnDone inner) {
        one.setTxn(txn(inner));
      }
    }
    return message.build();
  }

  private static io.quorate.proto.Refusal refusal(Refusal refusal) {
    io.quorate.proto.Refusal.Builder message = io.quorate.proto.Refusal.newBuilder()
        .setCode(refusal.code())
        .setMessage(refusal.message())
        .setCompacted(refusal.compacted());
    TxnMessages.add(message, refusal.obstacle());
    return message.build();
  }

  private static KeyValue keyValue(KeyVersion item) {
    return keyValue(item.key(), item.version());
  }

  private static KeyValue keyValue(Bytes key, Version version) {
    return KeyValue.newBuilder()
        .setKey(key.toByteString())
        .setValue(version.value().toByteString())
        .setCreateRevision(version.createRevision())
        .setModRevision(version.modRevision())
        .setVersion(version.version())
        .setLease(version.lease())
        .build();
  }
}
