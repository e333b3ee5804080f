package io.quorate.region.storage;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.RegionId;
import io.quorate.region.mvcc.ByteWriter;
import java.util.ArrayList;
import java.util.List;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * Where a region's data lie in the families that all regions of a store share: the one list that snapshots, installs and
 * destruction go by. Stateless.
 */
final class RangeSlices {
  private RangeSlices() {}

  /**
   * One stretch of one family.
   *
   * @param lower first key
   * @param upper first key after it
   */
  record FamilySlice(String family, Bytes lower, Bytes upper) {}

  /** All that belongs to a region, its meta records and leases ({@link LeaseSlices}) aside. */
  static List<FamilySlice> of(RegionId region, KeyRange range) {
    List<FamilySlice> all = new ArrayList<>(byKey(range));
    all.add(
        new FamilySlice(SharedStore.CHANGES, number(region.value()), number(region.value() + 1)));
    return all;
  }

  /** What lies by key; the family of the versions first. */
  private static List<FamilySlice> byKey(KeyRange range) {
    Bytes lower = Bytes.wrap(DataRange.lower(range));
    Bytes upper = Bytes.wrap(DataRange.upper(range.end()));
    return List.of(
        new FamilySlice(SharedStore.DATA, lower, upper),
        new FamilySlice(SharedStore.LOCK, lower, upper),
        new FamilySlice(SharedStore.TXN, lower, upper),
        new FamilySlice(SharedStore.DEDUPE, lower, upper));
  }

  /** Puts the deletion of all that lies by key in the range into the batch. */
  static void deleteKeys(SharedStore store, WriteBatch batch, KeyRange range)
      throws RocksDBException {
    delete(store, batch, byKey(range));
  }

  private static void delete(SharedStore store, WriteBatch batch, List<FamilySlice> slices)
      throws RocksDBException {
    for (FamilySlice slice : slices) {
      batch.deleteRange(
          store.family(slice.family()),
          slice.lower().unsafeArray(),
          slice.upper().unsafeArray());
    }
  }

  private static Bytes number(long region) {
    return Bytes.wrap(new ByteWriter(Long.BYTES).putLong(region).toByteArray());
  }

  /** Puts the deletion of all that belongs to a region into the batch. */
  static void delete(SharedStore store, WriteBatch batch, RegionId region, KeyRange range) {
    try {
      delete(store, batch, of(region, range));
      LeaseSlices.delete(store, batch, region, range);
    } catch (RocksDBException e) {
      throw SharedStore.failed("deleting region " + region, e);
    }
  }
}
