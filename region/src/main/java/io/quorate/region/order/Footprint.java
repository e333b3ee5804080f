package io.quorate.region.order;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.region.command.Compare;
import io.quorate.region.command.DeleteRange;
import io.quorate.region.command.LeaseCommand;
import io.quorate.region.command.Operation;
import io.quorate.region.command.Put;
import io.quorate.region.command.Read;
import io.quorate.region.command.Restore;
import io.quorate.region.command.TransactionCommand;
import io.quorate.region.command.Txn;
import java.util.ArrayList;
import java.util.List;

/**
 * Keys and ranges that a request names: in compares and in both branches, whichever will run. Immutable.
 *
 * @param keys single keys
 * @param ranges of any other number of keys, none included
 */
public record Footprint(List<Bytes> keys, List<KeyRange> ranges) {
  public static final Footprint NOTHING = new Footprint(List.of(), List.of());

  public Footprint {
    keys = List.copyOf(keys);
    ranges = List.copyOf(ranges);
  }

  public static Footprint of(Bytes key) {
    return new Footprint(List.of(key), List.of());
  }

  public static Footprint of(KeyRange range) {
    return range.isSingle() ? of(range.start()) : new Footprint(List.of(), List.of(range));
  }

  /** All that the operation reads, compares or writes. */
  public static Footprint of(Operation operation) {
    return collect(operation, true);
  }

  /** Only what the operation may write. */
  public static Footprint writesOf(Operation operation) {
    return collect(operation, false);
  }

  private static Footprint collect(Operation operation, boolean reads) {
    if (operation instanceof Put put) {
      return of(put.key());
    }
    if (operation instanceof DeleteRange delete) {
      return of(delete.range());
    }
    if (operation instanceof LeaseCommand lease) {
      return reads ? new Footprint(lease.routes(), List.of()) : of(lease.written());
    }
    if (operation instanceof TransactionCommand transaction && reads) {
      return new Footprint(transaction.routes(), transaction.reaches());
    }
    List<Bytes> keys = new ArrayList<>();
    List<KeyRange> ranges = new ArrayList<>();
    add(operation, reads, keys, ranges);
    return new Footprint(keys, ranges);
  }

  private static void add(
      Operation operation, boolean reads, List<Bytes> keys, List<KeyRange> ranges) {
    if (operation instanceof Put put) {
      keys.add(put.key());
    } else if (operation instanceof DeleteRange delete) {
      add(delete.range(), keys, ranges);
    } else if (operation instanceof Txn txn) {
      if (reads) {
        for (Compare compare : txn.compares()) {
          add(compare.range(), keys, ranges);
        }
      }
      txn.success().forEach(inner -> add(inner, reads, keys, ranges));
      txn.failure().forEach(inner -> add(inner, reads, keys, ranges));
    } else if (operation instanceof Restore restore) {
      restore.kvs().forEach(kv -> keys.add(kv.key()));
    } else if (operation instanceof TransactionCommand transaction) {
      transaction.addWritten(range -> add(range, keys, ranges));
    } else if (reads && operation instanceof Read read) {
      add(read.query().range(), keys, ranges);
    }
  }

  private static void add(KeyRange range, List<Bytes> keys, List<KeyRange> ranges) {
    if (range.isSingle()) {
      keys.add(range.start());
    } else {
      ranges.add(range);
    }
  }

  /** Whether it names single keys only. */
  public boolean isPoints() {
    return ranges.isEmpty();
  }

  /** Whether all of it lies in the region; a range that can hold no key lies everywhere. */
  public boolean liesIn(KeyRange region) {
    for (int i = 0; i < keys.size(); i++) {
      if (!region.contains(keys.get(i))) {
        return false;
      }
    }
    for (int i = 0; i < ranges.size(); i++) {
      if (!ranges.get(i).isEmpty() && !region.contains(ranges.get(i))) {
        return false;
      }
    }
    return true;
  }
}
