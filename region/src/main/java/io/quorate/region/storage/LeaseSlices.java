package io.quorate.region.storage;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.RegionId;
import io.quorate.region.lease.LeaseHome;
import io.quorate.region.lease.Registration;
import io.quorate.region.mvcc.ByteWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.WriteBatch;

/**
 * What a region owns in the family {@code lease}, and how it is cut, joined, copied and deleted with the region. Stateless.
 *
 * <p>Three kinds of records: {@code h ‖ lease → }{@link LeaseHome}, cut by key like data, the lease being its key;
 * {@code k ‖ lease ‖ user key → ∅}, a key that hangs on the lease, which belongs to the region of the key;
 * {@code r ‖ region ‖ lease → }{@link Registration}. Every key of the second kind lies under a registration of its region, so
 * that those of one region can be found although they are mixed with those of others.
 */
final class LeaseSlices {
  static final byte HOME = 'h';
  static final byte KEY = 'k';
  static final byte REGISTRATION = 'r';
  /** Kind and lease id. */
  private static final int KEY_HEAD = 9;

  private LeaseSlices() {}

  /** Gets a record. */
  interface Sink {
    void put(byte[] key, byte[] value) throws RocksDBException;
  }

  static byte[] home(long lease) {
    return new ByteWriter(KEY_HEAD).putByte(HOME).putLong(lease).toByteArray();
  }

  static byte[] key(long lease, Bytes userKey) {
    return new ByteWriter(KEY_HEAD + userKey.length())
        .putByte(KEY)
        .putLong(lease)
        .putRaw(userKey)
        .toByteArray();
  }

  static byte[] registration(RegionId region, long lease) {
    return new ByteWriter(17)
        .putByte(REGISTRATION)
        .putLong(region.value())
        .putLong(lease)
        .toByteArray();
  }

  private static byte[] registrations(long region) {
    return new ByteWriter(KEY_HEAD).putByte(REGISTRATION).putLong(region).toByteArray();
  }

  private static byte[] homeBound(Bytes key) {
    return new ByteWriter(1 + key.length()).putByte(HOME).putRaw(key).toByteArray();
  }

  private static byte[] homeEnd(KeyRange range) {
    return range.isUnbounded() ? new byte[] {HOME + 1} : homeBound(range.end());
  }

  /** All leases of the range, in the order of their ids as unsigned numbers; at most the limit. */
  static List<LeaseHome> homes(SharedStore store, KeyRange range, int limit) {
    List<LeaseHome> found = new ArrayList<>();
    // Behind the range may lie any number of leases that are gone.
    try (Slice end = new Slice(homeEnd(range));
        ReadOptions options = new ReadOptions().setIterateUpperBound(end);
        RocksIterator entry = store.db().newIterator(store.family(SharedStore.LEASE), options)) {
      for (entry.seek(homeBound(range.start()));
          found.size() < limit && entry.isValid();
          entry.next()) {
        found.add(LeaseHome.decode(entry.value()));
      }
      entry.status();
    } catch (RocksDBException e) {
      throw SharedStore.failed("reading leases", e);
    }
    return found;
  }

  /** Keys of the range that are noted under the lease, in order; at most the limit. */
  static List<Bytes> keys(SharedStore store, long lease, KeyRange range, int limit) {
    List<Bytes> found = new ArrayList<>();
    try (ReadOptions options = new ReadOptions();
        RocksIterator entry = store.db().newIterator(store.family(SharedStore.LEASE), options)) {
      collect(entry, lease, range, limit, found);
      entry.status();
    } catch (RocksDBException e) {
      throw SharedStore.failed("reading the keys of a lease", e);
    }
    return found;
  }

  private static void collect(
      RocksIterator entry, long lease, KeyRange range, int limit, List<Bytes> to) {
    byte[] head = key(lease, Bytes.EMPTY);
    for (entry.seek(key(lease, range.start()));
        to.size() < limit && entry.isValid();
        entry.next()) {
      byte[] key = entry.key();
      if (key.length < KEY_HEAD || !Arrays.equals(key, 0, KEY_HEAD, head, 0, KEY_HEAD)) {
        return;
      }
      Bytes userKey = Bytes.wrap(Arrays.copyOfRange(key, KEY_HEAD, key.length));
      if (!range.contains(userKey)) {
        return;
      }
      to.add(userKey);
    }
  }

  private static boolean isBefore(RocksIterator entry, byte[] end) {
    return entry.isValid() && Arrays.compareUnsigned(entry.key(), end) < 0;
  }

  static @Nullable Registration registration(SharedStore store, RegionId region, long lease) {
    byte[] record = store.read(SharedStore.LEASE, registration(region, lease));
    return record == null ? null : Registration.decode(record);
  }

  private static List<Registration> registrations(
      SharedStore store, RegionId region, ReadOptions options) throws RocksDBException {
    List<Registration> found = new ArrayList<>();
    try (RocksIterator entry = store.db().newIterator(store.family(SharedStore.LEASE), options)) {
      byte[] end = registrations(region.value() + 1);
      for (entry.seek(registrations(region.value())); isBefore(entry, end); entry.next()) {
        found.add(Registration.decode(entry.value()));
      }
      entry.status();
    }
    return found;
  }

  /** All that belongs to the region, in the order of its keys. */
  static void copy(SharedStore store, ReadOptions asOf, RegionId region, KeyRange range, Sink to)
      throws RocksDBException {
    try (RocksIterator entry = store.db().newIterator(store.family(SharedStore.LEASE), asOf)) {
      byte[] end = homeEnd(range);
      for (entry.seek(homeBound(range.start())); isBefore(entry, end); entry.next()) {
        to.put(entry.key(), entry.value());
      }
      List<Registration> registrations = registrations(store, region, asOf);
      // By id as unsigned number, as the registrations are.
      for (Registration one : registrations) {
        List<Bytes> keys = new ArrayList<>();
        collect(entry, one.lease(), range, Integer.MAX_VALUE, keys);
        for (Bytes key : keys) {
          to.put(key(one.lease(), key), new byte[0]);
        }
      }
      for (Registration one : registrations) {
        to.put(registration(region, one.lease()), one.encode());
      }
      entry.status();
    }
  }

  /** Deletes all that belongs to the region in the range. */
  static void delete(SharedStore store, WriteBatch batch, RegionId region, KeyRange range)
      throws RocksDBException {
    deletePart(store, batch, region, range);
    batch.deleteRange(
        store.family(SharedStore.LEASE),
        registrations(region.value()),
        registrations(region.value() + 1));
  }

  /** Deletes what lies in a part of the region's range, but not what the region knows as a whole. */
  static void deletePart(SharedStore store, WriteBatch batch, RegionId region, KeyRange part)
      throws RocksDBException {
    batch.deleteRange(store.family(SharedStore.LEASE), homeBound(part.start()), homeEnd(part));
    try (ReadOptions options = new ReadOptions()) {
      for (Registration one : registrations(store, region, options)) {
        for (Bytes key : keys(store, one.lease(), part, Integer.MAX_VALUE)) {
          batch.delete(store.family(SharedStore.LEASE), key(one.lease(), key));
        }
      }
    }
  }

  /**
   * Gives a region that is cut off what it needs to know: marks, and the registrations under which it has keys. A lease that it
   * has none of registers anew when one comes.
   *
   * @param awaited leases under which a transaction that has locked keys of the range may put them
   */
  static void cut(
      SharedStore store,
      WriteBatch batch,
      RegionId parent,
      RegionId child,
      KeyRange range,
      Set<Long> awaited)
      throws RocksDBException {
    try (ReadOptions options = new ReadOptions()) {
      for (Registration one : registrations(store, parent, options)) {
        if (!one.isLive()
            || awaited.contains(one.lease())
            || !keys(store, one.lease(), range, 1).isEmpty()) {
          batch.put(
              store.family(SharedStore.LEASE), registration(child, one.lease()), one.encode());
        }
      }
    }
  }

  /** Gives a region what another one knew that it takes in; of the other nothing is left. */
  static void unite(SharedStore store, WriteBatch batch, RegionId into, RegionId from)
      throws RocksDBException {
    try (ReadOptions options = new ReadOptions()) {
      for (Registration one : registrations(store, from, options)) {
        Registration mine = registration(store, into, one.lease());
        batch.put(
            store.family(SharedStore.LEASE),
            registration(into, one.lease()),
            (mine == null ? one : Registration.unite(mine, one)).encode());
      }
    }
    batch.deleteRange(
        store.family(SharedStore.LEASE),
        registrations(from.value()),
        registrations(from.value() + 1));
  }

  /** Forgets the marks that the floor has passed: they keep nothing away any more. On the region's apply thread. */
  static void sweep(SharedStore store, WriteBatch batch, RegionId region, long floor)
      throws RocksDBException {
    try (ReadOptions options = new ReadOptions()) {
      for (Registration one : registrations(store, region, options)) {
        if (!one.isLive() && !one.isMark(floor)) {
          batch.delete(store.family(SharedStore.LEASE), registration(region, one.lease()));
        }
      }
    }
  }
}
