package io.quorate.client.txn;

import io.quorate.client.Compare;
import io.quorate.client.RangeOptions;
import io.quorate.client.SortTarget;
import io.quorate.client.Txn;
import io.quorate.client.TxnOp;
import io.quorate.model.KeyRange;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a transaction has to read at its start before it can run. Pure; made for one transaction, one call at a time.
 */
final class TxnReads {
  /**
   * A range whose answer is that of the operation itself: nothing written before it lies in it.
   *
   * @param place of the operation among those of its path that are no transactions
   * @param pinned whether the operation names the revision
   */
  record Direct(int place, KeyRange range, RangeOptions options, boolean pinned) {}

  /** Ranges of which all keys are needed, and whether with their values. */
  private final Map<KeyRange, Boolean> whole = new LinkedHashMap<>();

  private final List<Direct> direct = new ArrayList<>();
  private final Set<KeyRange> reliedOn = new LinkedHashSet<>();
  private final List<KeyRange> writtenBefore = new ArrayList<>();
  private int place;

  private TxnReads() {}

  /** For judging the compares. */
  static TxnReads ofCompares(Txn txn) {
    TxnReads reads = new TxnReads();
    TxnPath.compares(
        txn, compare -> reads.need(compare.range(), compare.target() == Compare.Target.VALUE));
    return reads;
  }

  /** For running the branches taken. */
  static TxnReads ofPath(TxnPath path) {
    TxnReads reads = new TxnReads();
    path.judged(compare -> reads.relyOn(compare.range()));
    path.forEach(reads::collect);
    return reads;
  }

  Map<KeyRange, Boolean> whole() {
    return whole;
  }

  List<Direct> direct() {
    return direct;
  }

  /** Every range that must not have changed when the transaction commits. */
  List<KeyRange> reliedOn() {
    return List.copyOf(reliedOn);
  }

  private void need(KeyRange range, boolean values) {
    if (!range.isEmpty()) {
      whole.merge(range, values, Boolean::logicalOr);
    }
  }

  private void relyOn(KeyRange range) {
    if (!range.isEmpty()) {
      reliedOn.add(range);
    }
  }

  private void collect(TxnOp op) {
    if (op instanceof TxnOp.Put put) {
      if (put.options().previous()
          || put.options().ignoreValue()
          || put.options().ignoreLease()) {
        need(
            KeyRange.single(put.key()),
            put.options().previous() || put.options().ignoreValue());
      }
      writtenBefore.add(KeyRange.single(put.key()));
    } else if (op instanceof TxnOp.Delete delete) {
      need(delete.range(), delete.options().previous());
      relyOn(delete.range());
      writtenBefore.add(delete.range());
    } else if (op instanceof TxnOp.Range read) {
      collect(read);
    }
    place++;
  }

  private void collect(TxnOp.Range read) {
    RangeOptions options = read.options();
    if (options.revision() > 0) {
      direct.add(new Direct(place, read.range(), options, /* pinned= */ true));
      return;
    }
    relyOn(read.range());
    if (writtenBefore.stream().anyMatch(range -> range.overlaps(read.range()))) {
      need(
          read.range(),
          !options.countOnly() && (!options.keysOnly() || options.target() == SortTarget.VALUE));
    } else {
      direct.add(new Direct(place, read.range(), options, /* pinned= */ false));
    }
  }
}
