package io.quorate.client;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.proto.DeleteRangeRequest;
import io.quorate.proto.GetRequest;
import io.quorate.proto.PutRequest;
import io.quorate.proto.RangeRequest;
import io.quorate.proto.Request;
import io.quorate.proto.Response;
import io.quorate.proto.RestoreRequest;
import io.quorate.proto.TxnRequest;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What one region is asked, and how its answer is read. Immutable.
 *
 * @param <T> the result
 */
interface RegionOperation<T> {
  OpKind kind();

  /** Routes the request. */
  Bytes key();

  /** All keys concerned; null if it is just the one. */
  default @Nullable KeyRange span() {
    return null;
  }

  /** Whether doing it twice is not doing it once. */
  boolean writes();

  /** Whether its region knows it again by its name, so that it may be repeated though it may have been done. */
  default boolean named() {
    return false;
  }

  /** Whether locks of others are waited for; else it is refused for them. */
  default boolean heedsLocks() {
    return true;
  }

  /** In whose way locks are, if it is a read that may go past some of them. */
  default LockWait.Kind lockWait() {
    return LockWait.Kind.WRITE;
  }

  /** The same for a read at a revision; itself if it is none. */
  default RegionOperation<T> at(long revision) {
    return this;
  }

  /** Whether any replica may answer. */
  default boolean anyReplica() {
    return false;
  }

  int sizeBytes();

  void fill(Request.Builder request);

  /** The kind of answer that belongs to it. */
  Response.BodyCase answer();

  T result(Response response);

  /** Newest version of a key. */
  record Get(Bytes key, GetRequest body) implements RegionOperation<Optional<KeyValue>> {
    static Get of(Bytes key) {
      return new Get(key, GetRequest.newBuilder().setKey(key.toByteString()).build());
    }

    @Override
    public OpKind kind() {
      return OpKind.GET;
    }

    @Override
    public LockWait.Kind lockWait() {
      return LockWait.Kind.GET;
    }

    @Override
    public boolean writes() {
      return false;
    }

    @Override
    public int sizeBytes() {
      return body.getSerializedSize();
    }

    @Override
    public void fill(Request.Builder request) {
      request.setGet(body);
    }

    @Override
    public Response.BodyCase answer() {
      return Response.BodyCase.GET;
    }

    @Override
    public Optional<KeyValue> result(Response response) {
      return response.getGet().hasKv()
          ? Optional.of(KeyValue.of(response.getGet().getKv()))
          : Optional.empty();
    }
  }

  /** Puts one key. */
  record Put(Bytes key, PutRequest body) implements RegionOperation<PutResult> {
    @Override
    public OpKind kind() {
      return OpKind.PUT;
    }

    @Override
    public boolean writes() {
      return true;
    }

    @Override
    public boolean named() {
      return true;
    }

    @Override
    public int sizeBytes() {
      return body.getSerializedSize();
    }

    @Override
    public void fill(Request.Builder request) {
      request.setPut(body);
    }

    @Override
    public Response.BodyCase answer() {
      return Response.BodyCase.PUT;
    }

    @Override
    public PutResult result(Response response) {
      return PutResult.of(response.getRevision(), response.getPut());
    }
  }

  /** Deletes keys of one region. */
  record Delete(KeyRange span, DeleteRangeRequest body) implements RegionOperation<DeleteResult> {
    @Override
    public OpKind kind() {
      return OpKind.DELETE;
    }

    @Override
    public Bytes key() {
      return span.start();
    }

    @Override
    public boolean writes() {
      return true;
    }

    @Override
    public boolean named() {
      return true;
    }

    @Override
    public int sizeBytes() {
      return body.getSerializedSize();
    }

    @Override
    public void fill(Request.Builder request) {
      request.setDeleteRange(body);
    }

    @Override
    public Response.BodyCase answer() {
      return Response.BodyCase.DELETE_RANGE;
    }

    @Override
    public DeleteResult result(Response response) {
      return DeleteResult.of(response.getRevision(), response.getDeleteRange());
    }
  }

  /**
   * Reads the part of a range that lies in one region.
   *
   * @param heedsLocks whether locks are gone past or waited for; else the read is refused for them
   */
  record RangePart(KeyRange span, RangeRequest body, boolean heedsLocks)
      implements RegionOperation<RangeResult> {
    @Override
    public boolean anyReplica() {
      return body.getSerializable();
    }

    @Override
    public OpKind kind() {
      return OpKind.RANGE;
    }

    @Override
    public LockWait.Kind lockWait() {
      return LockWait.Kind.RANGE;
    }

    @Override
    public RangePart at(long revision) {
      // The region took the revision after the read had begun: it may have been compacted since.
      return body.getRevision() > 0
          ? this
          : new RangePart(
              span,
              body.toBuilder().setRevision(revision).setBelowCompacted(true).build(),
              heedsLocks);
    }

    @Override
    public Bytes key() {
      return span.start();
    }

    @Override
    public boolean writes() {
      return false;
    }

    @Override
    public int sizeBytes() {
      return body.getSerializedSize();
    }

    @Override
    public void fill(Request.Builder request) {
      request.setRange(body);
    }

    @Override
    public Response.BodyCase answer() {
      return Response.BodyCase.RANGE;
    }

    @Override
    public RangeResult result(Response response) {
      return RangeResult.of(response.getRevision(), response.getRange());
    }
  }

  /** Puts keys of a backup back in one region; doing it twice is doing it once. */
  record Restore(KeyRange span, RestoreRequest body) implements RegionOperation<Boolean> {
    @Override
    public OpKind kind() {
      return OpKind.RESTORE;
    }

    @Override
    public Bytes key() {
      return span.start();
    }

    @Override
    public boolean writes() {
      return false;
    }

    @Override
    public int sizeBytes() {
      return body.getSerializedSize();
    }

    @Override
    public void fill(Request.Builder request) {
      request.setRestore(body);
    }

    @Override
    public Response.BodyCase answer() {
      return Response.BodyCase.RESTORE;
    }

    @Override
    public Boolean result(Response response) {
      return true;
    }
  }

  /** Commits a transaction in one region; the span covers all its keys. */
  record Commit(KeyRange span, boolean writes, TxnRequest body)
      implements RegionOperation<TxnResult> {
    /** The smallest range that holds everything the transaction names. */
    static Commit of(Txn txn) {
      Bytes[] bounds = new Bytes[2];
      txn.ranges(range -> {
        if (bounds[0] == null) {
          bounds[0] = range.start();
          bounds[1] = range.end();
        } else {
          bounds[0] = range.start().compareTo(bounds[0]) < 0 ? range.start() : bounds[0];
          bounds[1] = KeyRange.compareEnds(range.end(), bounds[1]) > 0 ? range.end() : bounds[1];
        }
      });
      KeyRange span =
          bounds[0] == null ? KeyRange.single(Bytes.EMPTY) : KeyRange.of(bounds[0], bounds[1]);
      return new Commit(span, txn.writes(), txn.message());
    }

    @Override
    public OpKind kind() {
      return OpKind.TXN;
    }

    @Override
    public Bytes key() {
      return span.start();
    }

    @Override
    public boolean named() {
      return writes;
    }

    @Override
    public int sizeBytes() {
      return body.getSerializedSize();
    }

    @Override
    public void fill(Request.Builder request) {
      request.setTxn(body);
    }

    @Override
    public Response.BodyCase answer() {
      return Response.BodyCase.TXN;
    }

    @Override
    public TxnResult result(Response response) {
      return TxnResult.of(response.getRevision(), response.getTxn());
    }
  }
}
