package io.quorate.client.txn;

import io.quorate.client.Compare;
import io.quorate.client.RefusedException;
import io.quorate.client.Txn;
import io.quorate.client.TxnOp;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Protocol;
import io.quorate.proto.Refusal;
import io.quorate.proto.RefusalCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * What is refused by looking at a transaction alone, with etcd's words (etcd server/etcdserver/api/v3rpc/key.go, checkTxnRequest
 * and checkIntervals). Pure.
 */
final class TxnRules {
  private TxnRules() {}

  /** Why the transaction can never be done, if so. */
  static Optional<RefusedException> check(Txn txn) {
    Optional<RefusedException> refused = checkTxn(txn, Protocol.MAX_TXN_OPERATIONS);
    if (refused.isPresent()) {
      return refused;
    }
    return Footprint.of(txn.success()).clash || Footprint.of(txn.failure()).clash
        ? refusal(RefusalCode.DUPLICATE_KEY, "etcdserver: duplicate key given in txn request")
        : Optional.empty();
  }

  /** With a code and etcd's words for it. */
  static Optional<RefusedException> refusal(RefusalCode code, String words) {
    return Optional.of(
        RefusedException.of(Refusal.newBuilder().setCode(code).setMessage(words).build()));
  }

  /** Every level of nesting takes the size of its largest list off what those below it may have. */
  private static Optional<RefusedException> checkTxn(Txn txn, int budget) {
    int largest = Math.max(
        txn.compares().size(), Math.max(txn.success().size(), txn.failure().size()));
    if (largest > budget) {
      return refusal(
          RefusalCode.TOO_MANY_OPERATIONS, "etcdserver: too many operations in txn request");
    }
    for (Compare compare : txn.compares()) {
      if (isMissing(compare.range())) {
        return keyMissing();
      }
    }
    for (List<TxnOp> branch : List.of(txn.success(), txn.failure())) {
      for (TxnOp op : branch) {
        Optional<RefusedException> refused = op instanceof TxnOp.Nested nested
            ? checkTxn(nested.txn(), budget - largest)
            : checkOperation(op);
        if (refused.isPresent()) {
          return refused;
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<RefusedException> checkOperation(TxnOp op) {
    if (op instanceof TxnOp.Put put) {
      return checkPut(put);
    }
    boolean missing = (op instanceof TxnOp.Range read && isMissing(read.range()))
        || (op instanceof TxnOp.Delete delete && isMissing(delete.range()));
    return missing ? keyMissing() : Optional.empty();
  }

  static Optional<RefusedException> checkPut(TxnOp.Put put) {
    if (put.key().isEmpty()) {
      return keyMissing();
    }
    if (put.options().ignoreValue() && !put.value().isEmpty()) {
      return refusal(RefusalCode.VALUE_PROVIDED, "etcdserver: value is provided");
    }
    return put.options().ignoreLease() && put.options().lease() != 0
        ? refusal(RefusalCode.LEASE_PROVIDED, "etcdserver: lease is provided")
        : Optional.empty();
  }

  private static boolean isMissing(KeyRange range) {
    return range.start().isEmpty() && range.isSingle();
  }

  private static Optional<RefusedException> keyMissing() {
    return refusal(RefusalCode.KEY_NOT_PROVIDED, "etcdserver: key is not provided");
  }

  /** Keys put and ranges deleted on one path; whether a key is put twice, or put and deleted. */
  private static final class Footprint {
    private final TreeSet<Bytes> puts = new TreeSet<>();
    private final List<KeyRange> deletes = new ArrayList<>();
    private boolean clash;

    static Footprint of(List<TxnOp> operations) {
      Footprint all = new Footprint();
      for (TxnOp op : operations) {
        if (op instanceof TxnOp.Put put) {
          all.clash |= !all.puts.add(put.key()) || all.deletes(put.key());
        } else if (op instanceof TxnOp.Delete delete) {
          all.clash |= all.puts(delete.range());
          all.deletes.add(delete.range());
        } else if (op instanceof TxnOp.Nested nested) {
          all.either(of(nested.txn().success()), of(nested.txn().failure()));
        }
      }
      return all;
    }

    private boolean deletes(Bytes key) {
      return deletes.stream().anyMatch(range -> range.contains(key));
    }

    private boolean puts(KeyRange range) {
      Bytes first = range.isEmpty() ? null : puts.ceiling(range.start());
      return first != null && range.contains(first);
    }

    /** Adds two branches of which one will run: they may clash with what is here, not with each other. */
    private void either(Footprint left, Footprint right) {
      clash |= left.clash || right.clash || clashes(left) || clashes(right);
      puts.addAll(left.puts);
      puts.addAll(right.puts);
      deletes.addAll(left.deletes);
      deletes.addAll(right.deletes);
    }

    private boolean clashes(Footprint other) {
      return other.puts.stream().anyMatch(key -> puts.contains(key) || deletes(key))
          || other.deletes.stream().anyMatch(this::puts);
    }
  }
}
