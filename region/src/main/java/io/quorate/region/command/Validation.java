package io.quorate.region.command;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Protocol;
import io.quorate.region.mvcc.RangeQuery;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * What can be refused by looking at a request alone, before it enters the log (etcd server/etcdserver/api/v3rpc/key.go).
 * Stateless.
 */
public final class Validation {
  private static final Optional<Refusal> FINE = Optional.empty();

  private Validation() {}

  /** Why the command can never be done, if so. */
  public static Optional<Refusal> check(Command command) {
    if (command instanceof Txn txn) {
      Optional<Refusal> refusal = checkTxn(txn, Protocol.MAX_TXN_OPERATIONS);
      return refusal.isPresent() ? refusal : checkKeys(txn);
    }
    return checkOperation(command, Protocol.MAX_TXN_OPERATIONS);
  }

  /** Why the query can never be answered, if so. */
  public static Optional<Refusal> check(RangeQuery query) {
    if (query.limit() < 0 || query.pageBytes() < 0) {
      return Optional.of(Refusal.invalid("quorate: a limit is negative"));
    }
    return checkKey(query.range());
  }

  /** A key that a request names. */
  public static Optional<Refusal> check(Bytes key) {
    return key.isEmpty() ? Optional.of(Refusal.KEY_NOT_PROVIDED) : FINE;
  }

  private static Optional<Refusal> checkKey(KeyRange range) {
    return range.start().isEmpty() && range.isSingle()
        ? Optional.of(Refusal.KEY_NOT_PROVIDED)
        : FINE;
  }

  private static Optional<Refusal> checkOperation(Operation operation, int budget) {
    if (operation instanceof Put put) {
      return checkPut(put);
    }
    if (operation instanceof DeleteRange delete) {
      return checkKey(delete.range());
    }
    if (operation instanceof Read read) {
      return check(read.query());
    }
    if (operation instanceof Restore restore) {
      return restore.malformed();
    }
    return operation instanceof Txn txn ? checkTxn(txn, budget) : FINE;
  }

  private static Optional<Refusal> checkPut(Put put) {
    if (put.key().isEmpty()) {
      return Optional.of(Refusal.KEY_NOT_PROVIDED);
    }
    if (put.ignoreValue() && !put.value().isEmpty()) {
      return Optional.of(Refusal.VALUE_PROVIDED);
    }
    return put.ignoreLease() && put.lease() != 0 ? Optional.of(Refusal.LEASE_PROVIDED) : FINE;
  }

  /** Every level of nesting takes the size of its largest list off what those below it may have. */
  private static Optional<Refusal> checkTxn(Txn txn, int budget) {
    int largest = Math.max(
        txn.compares().size(), Math.max(txn.success().size(), txn.failure().size()));
    if (largest > budget) {
      return Optional.of(Refusal.TOO_MANY_OPERATIONS);
    }
    for (Compare compare : txn.compares()) {
      Optional<Refusal> refusal = checkKey(compare.range());
      if (refusal.isPresent()) {
        return refusal;
      }
    }
    for (List<Operation> branch : List.of(txn.success(), txn.failure())) {
      for (Operation operation : branch) {
        Optional<Refusal> refusal = checkOperation(operation, budget - largest);
        if (refusal.isPresent()) {
          return refusal;
        }
      }
    }
    return FINE;
  }

  private static Optional<Refusal> checkKeys(Txn txn) {
    return footprint(txn.success()).clash || footprint(txn.failure()).clash
        ? Optional.of(Refusal.DUPLICATE_KEY)
        : FINE;
  }

  /** What running all of the operations would write. */
  private static Footprint footprint(List<Operation> operations) {
    Footprint all = new Footprint();
    for (Operation operation : operations) {
      if (operation instanceof Put put) {
        all.put(put.key());
      } else if (operation instanceof DeleteRange delete) {
        all.delete(delete.range());
      } else if (operation instanceof Txn txn) {
        all.either(footprint(txn.success()), footprint(txn.failure()));
      }
    }
    return all;
  }

  /** Keys put and ranges deleted on one path; whether a key is put twice, or put and deleted. */
  private static final class Footprint {
    private final TreeSet<Bytes> puts = new TreeSet<>();
    private final List<KeyRange> deletes = new ArrayList<>();
    private boolean clash;

    void put(Bytes key) {
      clash |= !puts.add(key) || deletes.stream().anyMatch(range -> range.contains(key));
    }

    void delete(KeyRange range) {
      clash |= puts(range);
      deletes.add(range);
    }

    private boolean puts(KeyRange range) {
      Bytes first = range.isEmpty() ? null : puts.ceiling(range.start());
      return first != null && range.contains(first);
    }

    /** Adds two branches of which one will run: they may clash with what is here, not with each other. */
    void either(Footprint left, Footprint right) {
      clash |= left.clash || right.clash || clashes(left) || clashes(right);
      puts.addAll(left.puts);
      puts.addAll(right.puts);
      deletes.addAll(left.deletes);
      deletes.addAll(right.deletes);
    }

    private boolean clashes(Footprint other) {
      return other.puts.stream()
              .anyMatch(key ->
                  puts.contains(key) || deletes.stream().anyMatch(range -> range.contains(key)))
          || other.deletes.stream().anyMatch(this::puts);
    }
  }
}
