package io.quorate.client.txn;

import io.quorate.client.Compare;
import io.quorate.client.Txn;
import io.quorate.client.TxnOp;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * The branches that a transaction takes; all compares, nested ones too, are judged by the state before it. Pure.
 *
 * @param compares that were judged
 * @param succeeded whether all of them held
 * @param operations of the branch taken
 * @param nested of the transactions among them, in order
 */
record TxnPath(
    List<Compare> compares, boolean succeeded, List<TxnOp> operations, List<TxnPath> nested) {
  static TxnPath of(Txn txn, Predicate<Compare> holds) {
    boolean succeeded = txn.compares().stream().allMatch(holds);
    List<TxnOp> taken = succeeded ? txn.success() : txn.failure();
    List<TxnPath> nested = new ArrayList<>();
    for (TxnOp op : taken) {
      if (op instanceof TxnOp.Nested inner) {
        nested.add(of(inner.txn(), holds));
      }
    }
    return new TxnPath(txn.compares(), succeeded, taken, nested);
  }

  /** Shows every operation that is no transaction itself, in the order they run. */
  void forEach(Consumer<TxnOp> to) {
    int inner = 0;
    for (TxnOp op : operations) {
      if (op instanceof TxnOp.Nested) {
        nested.get(inner++).forEach(to);
      } else {
        to.accept(op);
      }
    }
  }

  /** Shows every compare that was judged on the way. */
  void judged(Consumer<Compare> to) {
    compares.forEach(to);
    nested.forEach(inner -> inner.judged(to));
  }

  /** Shows every compare of a transaction and those inside it, whichever branch it takes. */
  static void compares(Txn txn, Consumer<Compare> to) {
    txn.compares().forEach(to);
    for (List<TxnOp> branch : List.of(txn.success(), txn.failure())) {
      for (TxnOp op : branch) {
        if (op instanceof TxnOp.Nested inner) {
          compares(inner.txn(), to);
        }
      }
    }
  }
}
