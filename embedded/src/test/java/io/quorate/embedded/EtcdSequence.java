package io.quorate.embedded;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.quorate.proto.etcd.CompactionRequest;
import io.quorate.proto.etcd.Compare;
import io.quorate.proto.etcd.DeleteRangeRequest;
import io.quorate.proto.etcd.LeaseGrantRequest;
import io.quorate.proto.etcd.LeaseLeasesRequest;
import io.quorate.proto.etcd.LeaseRevokeRequest;
import io.quorate.proto.etcd.LeaseTimeToLiveRequest;
import io.quorate.proto.etcd.PutRequest;
import io.quorate.proto.etcd.RangeRequest;
import io.quorate.proto.etcd.RequestOp;
import io.quorate.proto.etcd.TxnRequest;
import java.util.Random;
import java.util.function.LongUnaryOperator;

/**
 * Draws requests of etcd's API. Revisions in them are drawn as numbers of writes, and put in as each side counts them. Left out is
 * what etcd 3.4 gets wrong: writes beside a range at a revision that is not readable in one transaction, and unknown sort targets.
 */
final class EtcdSequence {
  private static final int KEYS = 6;
  private static final int LEASES = 4;
  private static final long LONG_TTL = 5_000;
  private static final ByteString ZERO = ByteString.copyFrom(new byte[1]);

  private final Random random;

  EtcdSequence(long seed) {
    this.random = new Random(seed);
  }

  /**
   * The next request, the same for both sides but for revisions.
   *
   * @param writes how many there were
   */
  Drawn next(int writes) {
    long seed = random.nextLong();
    return revisions -> draw(new Random(seed), writes, revisions);
  }

  /** A request that was drawn. */
  interface Drawn {
    /**
     * As one side wants it.
     *
     * @param revisions the revision of a write by its number; of one more than there were: a future one
     */
    Message of(LongUnaryOperator revisions);
  }

  private static Message draw(Random random, int writes, LongUnaryOperator revisions) {
    return switch (random.nextInt(20)) {
      case 0, 1, 2, 3, 4 -> put(random).build();
      case 5, 6, 7 -> range(random, writes, revisions).build();
      case 8, 9 -> delete(random).build();
      case 10, 11, 12, 13, 14 -> txn(random, writes, revisions, 0).build();
      case 15 ->
        LeaseGrantRequest.newBuilder()
            .setID(lease(random))
            .setTTL(random.nextInt(12) == 0 ? 9_000_000_001L : LONG_TTL)
            .build();
      case 16 -> LeaseRevokeRequest.newBuilder().setID(lease(random)).build();
      case 17 ->
        LeaseTimeToLiveRequest.newBuilder()
            .setID(lease(random))
            .setKeys(random.nextBoolean())
            .build();
      case 18 -> LeaseLeasesRequest.getDefaultInstance();
      default ->
        CompactionRequest.newBuilder()
            .setRevision(revision(random, writes, revisions))
            .build();
    };
  }

  private static long lease(Random random) {
    return 1L + random.nextInt(LEASES);
  }

  private static ByteString key(Random random) {
    return random.nextInt(60) == 0
        ? ByteString.EMPTY
        : ByteString.copyFromUtf8("k" + random.nextInt(KEYS));
  }

  private static ByteString end(Random random) {
    return switch (random.nextInt(6)) {
      case 0 -> ZERO;
      case 1, 2 -> ByteString.copyFromUtf8("k" + random.nextInt(KEYS));
      case 3 -> ByteString.copyFromUtf8("l");
      default -> ByteString.EMPTY;
    };
  }

  private static long revision(Random random, int writes, LongUnaryOperator revisions) {
    return revisions.applyAsLong(random.nextInt(writes + 2));
  }

  private static PutRequest.Builder put(Random random) {
    PutRequest.Builder put = PutRequest.newBuilder()
        .setKey(key(random))
        .setPrevKv(random.nextBoolean())
        .setIgnoreValue(random.nextInt(10) == 0)
        .setIgnoreLease(random.nextInt(10) == 0);
    if (!put.getIgnoreValue() || random.nextInt(4) == 0) {
      put.setValue(ByteString.copyFromUtf8("v" + random.nextInt(5)));
    }
    if (random.nextInt(4) == 0) {
      put.setLease(lease(random));
    }
    return put;
  }

  private static DeleteRangeRequest.Builder delete(Random random) {
    return DeleteRangeRequest.newBuilder()
        .setKey(key(random))
        .setRangeEnd(end(random))
        .setPrevKv(random.nextBoolean());
  }

  /** Beside a range without end etcd does not see that a key is written twice. */
  private static DeleteRangeRequest.Builder bounded(DeleteRangeRequest.Builder delete) {
    return delete.getRangeEnd().equals(ZERO)
        ? delete.setRangeEnd(ByteString.copyFromUtf8("l"))
        : delete;
  }

  private static RangeRequest.Builder range(
      Random random, int writes, LongUnaryOperator revisions) {
    RangeRequest.Builder range = RangeRequest.newBuilder()
        .setKey(key(random))
        .setRangeEnd(end(random))
        .setLimit(random.nextInt(4))
        .setSortOrderValue(random.nextInt(3))
        .setKeysOnly(random.nextInt(4) == 0)
        .setCountOnly(random.nextInt(6) == 0);
    // By keys alone: where revisions, versions or values are equal etcd's order is nobody's to
    // tell.
    range.setSortTarget(RangeRequest.SortTarget.KEY);
    if (random.nextInt(3) == 0) {
      range.setRevision(revision(random, writes, revisions));
    }
    if (random.nextInt(5) == 0) {
      range.setMinModRevision(revision(random, writes, revisions));
    }
    if (random.nextInt(5) == 0) {
      range.setMaxCreateRevision(revision(random, writes, revisions));
    }
    return range;
  }

  private static TxnRequest.Builder txn(
      Random random, int writes, LongUnaryOperator revisions, int depth) {
    TxnRequest.Builder txn = TxnRequest.newBuilder();
    for (int i = random.nextInt(3); i > 0; i--) {
      txn.addCompare(compare(random, writes, revisions));
    }
    for (int i = random.nextInt(4); i > 0; i--) {
      txn.addSuccess(operation(random, writes, revisions, depth));
    }
    for (int i = random.nextInt(3); i > 0; i--) {
      txn.addFailure(operation(random, writes, revisions, depth));
    }
    return txn;
  }

  private static Compare compare(Random random, int writes, LongUnaryOperator revisions) {
    Compare.Builder compare =
        Compare.newBuilder().setKey(key(random)).setResultValue(random.nextInt(4));
    if (random.nextInt(4) == 0) {
      compare.setRangeEnd(end(random));
    }
    switch (random.nextInt(5)) {
      case 0 -> compare.setTarget(Compare.CompareTarget.VERSION).setVersion(random.nextInt(4));
      case 1 ->
        compare
            .setTarget(Compare.CompareTarget.CREATE)
            .setCreateRevision(random.nextInt(3) == 0 ? 0 : revision(random, writes, revisions));
      case 2 ->
        compare
            .setTarget(Compare.CompareTarget.MOD)
            .setModRevision(random.nextInt(3) == 0 ? 0 : revision(random, writes, revisions));
      case 3 -> compare.setTarget(Compare.CompareTarget.LEASE).setLease(random.nextInt(LEASES + 1));
      default ->
        compare
            .setTarget(Compare.CompareTarget.VALUE)
            .setValue(ByteString.copyFromUtf8("v" + random.nextInt(5)));
    }
    return compare.build();
  }

  private static RequestOp operation(
      Random random, int writes, LongUnaryOperator revisions, int depth) {
    RequestOp.Builder operation = RequestOp.newBuilder();
    return switch (random.nextInt(depth < 2 ? 7 : 6)) {
      case 0, 1, 2 -> operation.setRequestPut(put(random)).build();
      case 3, 4 ->
        operation
            .setRequestRange(range(random, writes, revisions).clearRevision())
            .build();
      case 5 -> operation.setRequestDeleteRange(bounded(delete(random))).build();
      default ->
        operation.setRequestTxn(txn(random, writes, revisions, depth + 1)).build();
    };
  }
}
