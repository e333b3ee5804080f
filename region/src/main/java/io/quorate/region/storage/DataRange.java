package io.quorate.region.storage;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Keyspace;
import io.quorate.region.mvcc.VersionKey;
import java.util.List;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.Range;
import org.rocksdb.RocksDB;
import org.rocksdb.SizeApproximationFlag;
import org.rocksdb.Slice;

/** Places of a range's ends in the family {@code data}, and how much lies between them. Stateless. */
final class DataRange {
  private DataRange() {}

  static byte[] lower(KeyRange range) {
    return VersionKey.bound(Keyspace.USER, range.start());
  }

  static byte[] upper(Bytes end) {
    return end.isEmpty() ? VersionKey.endOf(Keyspace.USER) : VersionKey.bound(Keyspace.USER, end);
  }

  static long bytes(RocksDB db, ColumnFamilyHandle data, KeyRange range) {
    try (Slice from = new Slice(lower(range));
        Slice to = new Slice(upper(range.end()))) {
      long[] sizes = db.getApproximateSizes(
          data,
          List.of(new Range(from, to)),
          SizeApproximationFlag.INCLUDE_FILES,
          SizeApproximationFlag.INCLUDE_MEMTABLES);
      return sizes[0];
    }
  }
}
