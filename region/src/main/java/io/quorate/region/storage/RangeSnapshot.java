package io.quorate.region.storage;

import io.quorate.model.Bytes;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionId;
import io.quorate.raft.host.RangeSnapshots;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.CompressionType;
import org.rocksdb.EnvOptions;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Snapshot;
import org.rocksdb.SstFileWriter;

/**
 * One region's whole state as of one moment, held by a snapshot of RocksDB until it is written into files. Made on any thread;
 * then one user.
 */
public final class RangeSnapshot implements RangeSnapshots.Pinned {
  private static final int BLOOM_BITS = 10;
  private static final long FILE_BYTES = 64L << 20;

  private final SharedStore store;
  private final RocksDB db;
  private final Snapshot snapshot;
  private final ReadOptions asOf;
  private final SnapshotDescription description;
  private final RegionDescriptor descriptor;
  private final RegionMeta.Position position;

  private RangeSnapshot(SharedStore store, Snapshot snapshot, ReadOptions asOf, RegionId region) {
    this.store = store;
    this.db = store.db();
    this.snapshot = snapshot;
    this.asOf = asOf;
    this.description = read(region);
    this.descriptor = description.descriptor();
    this.position = description.position();
  }

  /** Holds on to the region as it is now. */
  public static RangeSnapshot of(SharedStore store, RegionId region) {
    Snapshot snapshot = store.db().getSnapshot();
    // No prefix bounds: a region is many keys. What is read once to be sent is not worth the cache.
    ReadOptions asOf =
        new ReadOptions().setSnapshot(snapshot).setTotalOrderSeek(true).setFillCache(false);
    try {
      return new RangeSnapshot(store, snapshot, asOf, region);
    } catch (RuntimeException e) {
      asOf.close();
      store.db().releaseSnapshot(snapshot);
      throw e;
    }
  }

  private SnapshotDescription read(RegionId region) {
    Map<Byte, Bytes> records = new HashMap<>();
    for (byte kind : RegionMeta.STATE) {
      try {
        byte[] record = db.get(store.family(SharedStore.META), asOf, RegionMeta.key(kind, region));
        if (record != null) {
          records.put(kind, Bytes.wrap(record));
        }
      } catch (RocksDBException e) {
        throw SharedStore.failed("reading meta of region " + region, e);
      }
    }
    return new SnapshotDescription(records);
  }

  @Override
  public long index() {
    return position.index();
  }

  @Override
  public long term() {
    return position.term();
  }

  @Override
  public byte[] description() {
    return description.encode();
  }

  /** Files named {@code family-number.sst}, in key order within each family; none for a family that holds nothing. */
  @Override
  public void write(Path directory) throws Exception {
    try (BloomFilter bloom = new BloomFilter(BLOOM_BITS, false);
        EnvOptions env = new EnvOptions();
        Options options = new Options().setCompressionType(CompressionType.LZ4_COMPRESSION)) {
      options.setTableFormatConfig(
          new BlockBasedTableConfig().setFilterPolicy(bloom).setBlockSize(8 << 10));
      for (RangeSlices.FamilySlice slice : RangeSlices.of(descriptor.id(), descriptor.range())) {
        if (slice.family().equals(SharedStore.DATA)) {
          continue;
        }
        write(directory, slice, env, options);
      }
      writeLeases(directory, env, options);
      SharedStore.tuneDataFiles(options);
      write(directory, RangeSlices.of(descriptor.id(), descriptor.range()).get(0), env, options);
    }
  }

  private void write(Path directory, RangeSlices.FamilySlice slice, EnvOptions env, Options options)
      throws RocksDBException {
    try (org.rocksdb.Slice upper = new org.rocksdb.Slice(slice.upper().unsafeArray());
        ReadOptions bounded = new ReadOptions(asOf).setIterateUpperBound(upper);
        RocksIterator entry = db.newIterator(store.family(slice.family()), bounded)) {
      entry.seek(slice.lower().unsafeArray());
      for (int number = 1; entry.isValid(); number++) {
        String name = String.format("%s-%04d.sst", slice.family(), number);
        try (SstFileWriter file = new SstFileWriter(env, options)) {
          file.open(directory.resolve(name).toString());
          long bytes = 0;
          while (entry.isValid() && bytes < FILE_BYTES) {
            byte[] key = entry.key();
            byte[] value = entry.value();
            file.put(key, value);
            bytes += key.length + value.length;
            entry.next();
          }
          file.finish();
        }
      }
      entry.status();
    }
  }

  private void writeLeases(Path directory, EnvOptions env, Options options)
      throws RocksDBException {
    try (LeaseFiles files = new LeaseFiles(directory, env, options)) {
      LeaseSlices.copy(store, asOf, descriptor.id(), descriptor.range(), files);
      files.finish();
    }
  }

  /** Files of family {@code lease}, the next one begun once the last is full. */
  private static final class LeaseFiles implements LeaseSlices.Sink, AutoCloseable {
    private final Path directory;
    private final EnvOptions env;
    private final Options options;
    private @Nullable SstFileWriter file;
    private int number;
    private long bytes;

    LeaseFiles(Path directory, EnvOptions env, Options options) {
      this.directory = directory;
      this.env = env;
      this.options = options;
    }

    @Override
    public void put(byte[] key, byte[] value) throws RocksDBException {
      SstFileWriter open = file;
      if (open == null) {
        open = new SstFileWriter(env, options);
        file = open;
        String name = String.format("%s-%04d.sst", SharedStore.LEASE, ++number);
        open.open(directory.resolve(name).toString());
      }
      open.put(key, value);
      bytes += key.length + value.length;
      if (bytes >= FILE_BYTES) {
        finish();
      }
    }

    void finish() throws RocksDBException {
      SstFileWriter open = file;
      if (open != null) {
        open.finish();
        close();
      }
    }

    @Override
    public void close() {
      SstFileWriter open = file;
      if (open != null) {
        open.close();
        file = null;
        bytes = 0;
      }
    }
  }

  @Override
  public void close() {
    asOf.close();
    db.releaseSnapshot(snapshot);
  }
}
