package io.quorate.region.storage;

import io.quorate.model.RegionId;
import java.util.List;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * What a merge unites beside descriptor, position and merge state: the one list of all that a region keeps under its own id.
 * Whatever comes into use there gets a line here. Stateless.
 */
/*
 * What lies by key (data, lock, txn, dedupe) needs no line: the keys stay where they are. The right region's changes stay noted
 * under its id; the lineage says so.
 */
final class SideTables {
  /**
   * The two regions, as the write that unites them finds them: the right one is frozen, so that it is alike on all replicas.
   *
   * @param leftStamp the left one's last stamp
   * @param rightStamp the right one's
   */
  record Sides(SharedStore store, RegionId left, RegionId right, long leftStamp, long rightStamp) {}

  /** Puts one table's union, under the left one's id, into the batch. */
  private interface Union {
    void add(WriteBatch batch, Sides sides);
  }

  private static final List<Union> ALL = List.of(
      SideTables::floor,
      SideTables::lineage,
      SideTables::cleaned,
      SideTables::leases,
      SideTables::minStart);

  private SideTables() {}

  static void unite(WriteBatch batch, Sides sides) {
    ALL.forEach(union -> union.add(batch, sides));
  }

  /** No history is promised below the greater one. */
  private static void floor(WriteBatch batch, Sides sides) {
    long floor = Math.max(readFloor(sides, sides.left()), readFloor(sides, sides.right()));
    sides.store().putMeta(batch, RegionMeta.FLOOR, sides.left(), RegionMeta.number(floor));
  }

  static long readFloor(Sides sides, RegionId region) {
    byte[] record = sides.store().readMeta(RegionMeta.FLOOR, region);
    return record == null ? 0 : RegionMeta.number(record, "floor");
  }

  /** Clean as far as both are; only changes from now on are all noted under the left one's id. */
  private static void cleaned(WriteBatch batch, Sides sides) {
    long upTo = Math.min(cleanedUpTo(sides, sides.left()), cleanedUpTo(sides, sides.right()));
    Cleaned united = new Cleaned(upTo, Math.max(sides.leftStamp(), sides.rightStamp()));
    sides.store().putMeta(batch, RegionMeta.CLEANED, sides.left(), united.encode());
  }

  private static long cleanedUpTo(Sides sides, RegionId region) {
    return sides.store().cleaned(region).map(Cleaned::upTo).orElse(0L);
  }

  private static void lineage(WriteBatch batch, Sides sides) {
    Lineage united = readLineage(sides, sides.left())
        .joinedBy(
            sides.left(), readLineage(sides, sides.right()), sides.right(), sides.rightStamp());
    sides.store().putMeta(batch, RegionMeta.LINEAGE, sides.left(), united.encode());
  }

  /** Leases and hints lie by key; what each side knows of leases elsewhere is united. */
  private static void leases(WriteBatch batch, Sides sides) {
    try {
      LeaseSlices.unite(sides.store(), batch, sides.left(), sides.right());
    } catch (RocksDBException e) {
      throw SharedStore.failed("uniting the leases of region " + sides.left(), e);
    }
  }

  /** What either refuses as begun too long ago. */
  private static void minStart(WriteBatch batch, Sides sides) {
    long least = Math.max(
        LockSlices.minStart(sides.store(), sides.left()),
        LockSlices.minStart(sides.store(), sides.right()));
    sides.store().putMeta(batch, RegionMeta.MIN_START, sides.left(), RegionMeta.number(least));
  }

  private static Lineage readLineage(Sides sides, RegionId region) {
    byte[] record = sides.store().readMeta(RegionMeta.LINEAGE, region);
    return record == null ? Lineage.NONE : Lineage.decode(record);
  }
}
