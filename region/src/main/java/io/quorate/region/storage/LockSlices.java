package io.quorate.region.storage;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Keyspace;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionId;
import io.quorate.raft.storage.BatchBytes;
import io.quorate.region.mvcc.ByteWriter;
import io.quorate.region.mvcc.VersionKey;
import io.quorate.region.transaction.Lock;
import io.quorate.region.transaction.LockChange;
import io.quorate.region.transaction.LockCodec;
import io.quorate.region.transaction.LockTable;
import io.quorate.region.transaction.ReadLock;
import io.quorate.region.transaction.TxnId;
import io.quorate.region.transaction.TxnRecord;
import io.quorate.region.transaction.WriteLock;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.WriteBatch;

/**
 * What a region keeps of transactions in the families {@code lock} and {@code txn}, and how it is read, written and cut.
 * Stateless.
 *
 * <p>Of a write lock the place is {@code key ‖ w}, of a read lock {@code start ‖ r ‖ transaction ‖ end}, of a record {@code key ‖
 * transaction}, the first part as the family {@code data} writes keys. So both families are cut and copied by key; but a read lock
 * may reach beyond the place where a region is cut.
 */
final class LockSlices {
  private static final byte READ = 'r';
  private static final byte WRITE = 'w';

  private LockSlices() {}

  private static byte[] place(Bytes key, int kind, Bytes rest) {
    byte[] head = VersionKey.prefix(Keyspace.USER, key);
    return new ByteWriter(head.length + 1 + rest.length())
        .putRaw(Bytes.wrap(head))
        .putByte(kind)
        .putRaw(rest)
        .toByteArray();
  }

  private static byte[] place(Bytes key) {
    return place(key, WRITE, Bytes.EMPTY);
  }

  private static byte[] place(ReadLock lock) {
    return place(lock.range().start(), READ, LockCodec.suffix(lock));
  }

  private static byte[] place(Bytes key, TxnId txn) {
    byte[] head = VersionKey.prefix(Keyspace.USER, key);
    return new ByteWriter(head.length + TxnId.BYTES)
        .putRaw(Bytes.wrap(head))
        .putRaw(txn.toBytes())
        .toByteArray();
  }

  /** Puts a change into the batch. */
  static void write(SharedStore store, BatchBytes batch, RegionId region, LockChange change) {
    if (change instanceof LockChange.Write write) {
      WriteLock now = write.now();
      if (now == null) {
        batch.delete(store.lockId(), place(write.key()));
      } else {
        batch.put(store.lockId(), place(write.key()), LockCodec.encode(now));
      }
    } else if (change instanceof LockChange.Read read) {
      if (read.held()) {
        batch.put(store.lockId(), place(read.lock()), LockCodec.encode(read.lock()));
      } else {
        batch.delete(store.lockId(), place(read.lock()));
      }
    } else if (change instanceof LockChange.Decision record) {
      TxnRecord now = record.now();
      byte[] place = place(record.key(), record.txn());
      if (now == null) {
        batch.delete(store.txnId(), place);
      } else {
        batch.put(store.txnId(), place, LockCodec.encode(now));
      }
    } else if (change instanceof LockChange.MinStart start) {
      batch.put(
          store.metaId(),
          RegionMeta.key(RegionMeta.MIN_START, region),
          RegionMeta.number(start.now()));
    }
  }

  /** All that is on disk of the region's. */
  static LockTable load(SharedStore store, RegionId region, KeyRange range) {
    List<LockChange> all = new ArrayList<>();
    scan(store, SharedStore.LOCK, range, record -> {
      Lock lock = LockCodec.decode(record);
      all.add(
          lock instanceof WriteLock write
              ? new LockChange.Write(write.key(), write)
              : new LockChange.Read((ReadLock) lock, true));
    });
    scan(store, SharedStore.TXN, range, bytes -> {
      TxnRecord record = LockCodec.decodeRecord(bytes);
      all.add(new LockChange.Decision(record.key(), record.txn(), record));
    });
    all.add(new LockChange.MinStart(minStart(store, region)));
    return LockTable.of(all);
  }

  static long minStart(SharedStore store, RegionId region) {
    byte[] record = store.readMeta(RegionMeta.MIN_START, region);
    return record == null ? 0 : RegionMeta.number(record, "least start");
  }

  private static void scan(
      SharedStore store, String family, KeyRange range, Consumer<byte[]> each) {
    try (Slice lower = new Slice(DataRange.lower(range));
        Slice upper = new Slice(DataRange.upper(range.end()));
        ReadOptions options =
            new ReadOptions().setIterateLowerBound(lower).setIterateUpperBound(upper);
        RocksIterator entry = store.db().newIterator(store.family(family), options)) {
      for (entry.seekToFirst(); entry.isValid(); entry.next()) {
        each.accept(entry.value());
      }
      entry.status();
    } catch (RocksDBException e) {
      throw SharedStore.failed("reading locks", e);
    }
  }

  /**
   * Puts into the batch of a split what becomes of the region's locks: read locks that reach over a cut fall into parts.
   *
   * @param parts that live on this store, what is left of the region included
   */
  static void cut(
      SharedStore store, WriteBatch batch, LockTable locks, List<RegionDescriptor> parts)
      throws RocksDBException {
    for (ReadLock lock : locks.allReads()) {
      for (RegionDescriptor part : parts) {
        boolean whole = part.range().contains(lock.range());
        if (!whole && part.range().overlaps(lock.range())) {
          batch.delete(store.family(SharedStore.LOCK), place(lock));
        }
      }
    }
    for (ReadLock lock : locks.allReads()) {
      for (RegionDescriptor part : parts) {
        boolean whole = part.range().contains(lock.range());
        if (!whole && part.range().overlaps(lock.range())) {
          ReadLock cut = new ReadLock(lock.range().intersect(part.range()), lock.holder());
          batch.put(store.family(SharedStore.LOCK), place(cut), LockCodec.encode(cut));
        }
      }
    }
    for (RegionDescriptor part : parts) {
      store.putMeta(batch, RegionMeta.MIN_START, part.id(), RegionMeta.number(locks.minStart()));
    }
  }
}
