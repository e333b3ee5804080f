package io.quorate.cli.soak;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All that clients did and saw, from a known beginning to a last look after everything had healed. Pure and immutable.
 *
 * <p>What was known at the beginning (from the last look of the history before) counts as puts that were acknowledged
 * before time began; unknown and refused puts of earlier histories are part of it too, as they may show up late.
 */
public final class History {
  private final List<Op> ops;
  private final Map<Integer, Op> before;
  private final Map<Integer, Op> last;
  private final Op[] putsByValue;
  private final Map<Long, Long> learnedRevisions;

  /**
   * Makes a history.
   *
   * @param ops in any order
   * @param before what each key held at the beginning; a key that is not in it did not exist
   * @param last what each key held at the end, by reads that began after all else had ended
   */
  public History(Collection<Op> ops, Collection<Op> before, Collection<Op> last) {
    this.ops = List.copyOf(ops);
    this.before = byKey(before);
    this.last = byKey(last);
    List<Op> puts = new ArrayList<>();
    this.before.values().stream()
        .filter(op -> op.revision() > 0)
        .map(History::asPut)
        .forEach(puts::add);
    this.ops.stream().filter(Op::isPut).forEach(puts::add);
    this.putsByValue = puts.toArray(Op[]::new);
    Arrays.sort(putsByValue, Comparator.comparingLong(Op::value));
    this.learnedRevisions = learned();
  }

  private static Map<Integer, Op> byKey(Collection<Op> reads) {
    Map<Integer, Op> byKey = new HashMap<>();
    reads.forEach(read -> byKey.put(read.key(), read));
    return byKey;
  }

  private static Op asPut(Op read) {
    return Op.put(read.key(), read.value(), read.revision(), Long.MIN_VALUE, Long.MIN_VALUE);
  }

  /** Reads tell at which revision a put of unknown outcome was done. */
  private Map<Long, Long> learned() {
    Map<Long, Long> revisions = new HashMap<>();
    for (Op read : reads()) {
      if (read.revision() > 0 && put(read.value()).filter(Op::isAcked).isEmpty()) {
        revisions.putIfAbsent(read.value(), read.revision());
      }
    }
    return revisions;
  }

  /** Without the last look. */
  public List<Op> ops() {
    return ops;
  }

  /** Every put, those that made what there was before included, by value. */
  List<Op> puts() {
    return Arrays.asList(putsByValue);
  }

  /** Every read that was answered, the last look included. */
  List<Op> reads() {
    List<Op> reads = new ArrayList<>(last.values());
    ops.stream().filter(op -> op.isRead() && op.outcome() == Op.Outcome.OK).forEach(reads::add);
    return reads;
  }

  /** What was put as that value, by whatever outcome. */
  Optional<Op> put(long value) {
    int low = 0;
    int high = putsByValue.length - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      long at = putsByValue[middle].value();
      if (at == value) {
        return Optional.of(putsByValue[middle]);
      }
      if (at < value) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return Optional.empty();
  }

  /** The revision of a put, from its acknowledgement or else from reads; 0 if nobody knows. */
  long revisionOf(Op put) {
    return put.isAcked() ? put.revision() : learnedRevisions.getOrDefault(put.value(), 0L);
  }

  Map<Integer, Op> before() {
    return before;
  }

  Map<Integer, Op> last() {
    return last;
  }

  /** Puts whose fate is not known, and refused ones: they must be watched on. */
  public List<Op> unsettled() {
    return ops.stream()
        .filter(op -> op.isPut() && op.outcome() != Op.Outcome.OK)
        .filter(op -> revisionOf(op) == 0)
        .toList();
  }
}
