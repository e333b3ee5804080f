package io.quorate.region.storage;

import io.quorate.model.KeyRange;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionId;
import io.quorate.raft.storage.FamilySpec;
import io.quorate.raft.storage.RaftDatabase;
import io.quorate.region.command.MergeState;
import io.quorate.region.mvcc.VersionKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompactRangeOptions;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;

/**
 * The one RocksDB of a store as its regions see it: families and cache of newest versions. Owned by the store's engine, which
 * closes it before the database and after all regions. Any thread.
 */
public final class SharedStore implements AutoCloseable {
  static final String DATA = "data";
  static final String LOCK = "lock";
  static final String TXN = "txn";
  static final String CHANGES = "changes";
  static final String DEDUPE = "dedupe";
  static final String LEASE = "lease";
  static final String META = "meta";

  private final RocksDB db;
  private final Consumer<WriteBatch> writer;
  private final Function<String, ColumnFamilyHandle> families;
  private final ColumnFamilyHandle data;
  private final ColumnFamilyHandle meta;
  private final int dataId;
  private final int changesId;
  private final int metaId;
  private final int leaseId;
  private final int lockId;
  private final int txnId;
  private final NewestCache cache;
  private final Map<RegionId, RegionStore> opened = new ConcurrentHashMap<>();
  private final Object arrivals = new Object();
  private final Set<CompactRangeOptions> compactions = ConcurrentHashMap.newKeySet();
  private volatile boolean compactionsStopped;
  private final ReadOptions pointOptions = new ReadOptions().setPrefixSameAsStart(true);

  /**
   * A store on an open database.
   *
   * @param family finds the families of {@link #families()}
   * @param writer writes a batch at once, through the write-ahead log but unsynced
   */
  public SharedStore(
      RocksDB db,
      Function<String, ColumnFamilyHandle> family,
      Consumer<WriteBatch> writer,
      SharedStoreConfig config) {
    this.db = db;
    this.writer = writer;
    this.families = family;
    this.data = family.apply(DATA);
    this.meta = family.apply(META);
    this.dataId = data.getID();
    this.changesId = family.apply(CHANGES).getID();
    this.metaId = meta.getID();
    this.leaseId = family.apply(LEASE).getID();
    this.lockId = family.apply(LOCK).getID();
    this.txnId = family.apply(TXN).getID();
    this.cache = new NewestCache(config.cacheBytes());
  }

  public static SharedStore on(RaftDatabase database, SharedStoreConfig config) {
    return new SharedStore(database.db(), database::family, database::write, config);
  }

  /** All families of a store's regions; those that nothing uses yet exist too, so that the layout never changes. */
  public static List<FamilySpec> families() {
    return List.of(
        new FamilySpec(DATA, SharedStore::tuneData),
        FamilySpec.plain(LOCK),
        FamilySpec.plain(TXN),
        FamilySpec.plain(CHANGES),
        FamilySpec.plain(LEASE),
        FamilySpec.plain(DEDUPE),
        FamilySpec.plain(META));
  }

  /** Lookups of one key's newest version skip what cannot hold it, by filters over the key without its revision. */
  private static void tuneData(ColumnFamilyOptions options) {
    options.useFixedLengthPrefixExtractor(VersionKey.PREFIX_BYTES);
    options.setMemtablePrefixBloomSizeRatio(0.05);
    if (options.tableFormatConfig() instanceof BlockBasedTableConfig table) {
      options.setTableFormatConfig(table.setWholeKeyFiltering(false));
    }
  }

  /** Files to be taken into family {@code data} are filtered like its own. */
  static void tuneDataFiles(Options options) {
    options.useFixedLengthPrefixExtractor(VersionKey.PREFIX_BYTES);
    if (options.tableFormatConfig() instanceof BlockBasedTableConfig table) {
      options.setTableFormatConfig(table.setWholeKeyFiltering(false));
    }
  }

  /** All regions that live here. */
  public List<RegionDescriptor> regions() {
    List<RegionDescriptor> regions = new ArrayList<>();
    scanMeta(RegionMeta.DESCRIPTOR, entry -> regions.add(RegionMeta.descriptor(entry.value())));
    return regions;
  }

  /** All regions that were removed from here for good. */
  public List<RegionId> tombstones() {
    List<RegionId> regions = new ArrayList<>();
    scanMeta(RegionMeta.TOMBSTONE, entry -> regions.add(RegionMeta.region(entry.key())));
    return regions;
  }

  /** What is left of a replica of the region that was removed from here for good. */
  public Optional<Tombstone> tombstone(RegionId region) {
    return Optional.ofNullable(readMeta(RegionMeta.TOMBSTONE, region)).map(Tombstone::decode);
  }

  public boolean hasTombstone(RegionId region) {
    return tombstone(region).isPresent();
  }

  /** Replicas here that did not simply begin with their region. */
  public Map<RegionId, ReplicaRecord> replicas() {
    Map<RegionId, ReplicaRecord> replicas = new TreeMap<>();
    scanMeta(
        RegionMeta.REPLICA,
        entry -> replicas.put(RegionMeta.region(entry.key()), ReplicaRecord.decode(entry.value())));
    return replicas;
  }

  public Optional<ReplicaRecord> replica(RegionId region) {
    return Optional.ofNullable(readMeta(RegionMeta.REPLICA, region)).map(ReplicaRecord::decode);
  }

  /** The lock under which it is looked up whether a region is here, and noted that it comes. */
  public Object arrivals() {
    return arrivals;
  }

  public boolean has(RegionId region) {
    return readMeta(RegionMeta.DESCRIPTOR, region) != null;
  }

  /** Notes a replica's state; written, not synced. */
  public void note(RegionId region, long replica, ReplicaRecord.State noted) {
    try (WriteBatch batch = new WriteBatch()) {
      putMeta(
          batch, RegionMeta.REPLICA, region, ReplicaRecord.of(replica, noted).encode());
      write(batch);
    }
  }

  /**
   * Puts a replica's end into the caller's batch: all its data go in the write that drops its descriptor, because a later
   * deletion would hit whoever owns the range by then.
   *
   * @param range what it held; empty if nothing
   */
  public void destroy(
      WriteBatch batch, RegionId region, Optional<KeyRange> range, Tombstone tombstone) {
    range.ifPresent(held -> RangeSlices.delete(this, batch, region, held));
    deleteMeta(batch, region);
    opened.remove(region);
    putMeta(batch, RegionMeta.TOMBSTONE, region, tombstone.encode());
  }

  /** After the destruction has been written: what was in memory of the range says nothing of its next owner. */
  public void forget(KeyRange range) {
    cache.forget(range);
  }

  /** Deletes all records of the region but its tombstone. */
  void deleteMeta(WriteBatch batch, RegionId region) {
    try {
      for (byte kind = 'a'; kind <= 'z'; kind++) {
        if (kind != RegionMeta.TOMBSTONE) {
          batch.delete(meta, RegionMeta.key(kind, region));
        }
      }
    } catch (RocksDBException e) {
      throw failed("writing meta of region " + region, e);
    }
  }

  ColumnFamilyHandle family(String name) {
    return families.apply(name);
  }

  private void scanMeta(byte kind, Consumer<RocksIterator> each) {
    try (ReadOptions options = new ReadOptions().setTotalOrderSeek(true);
        RocksIterator entry = db.newIterator(meta, options)) {
      for (entry.seek(new byte[] {kind}); entry.isValid(); entry.next()) {
        if (entry.key()[0] != kind) {
          break;
        }
        each.accept(entry);
      }
      entry.status();
    } catch (RocksDBException e) {
      throw failed("reading meta", e);
    }
  }

  /**
   * Puts a new region's first state into the caller's batch.
   *
   * @param appliedIndex base of its log, see {@link io.quorate.raft.GroupSeed}
   */
  public void create(
      WriteBatch batch, RegionDescriptor descriptor, long appliedIndex, long appliedTerm) {
    try {
      batch.put(
          meta,
          RegionMeta.key(RegionMeta.DESCRIPTOR, descriptor.id()),
          RegionMeta.descriptor(descriptor));
      batch.put(
          meta,
          RegionMeta.key(RegionMeta.APPLIED, descriptor.id()),
          RegionMeta.position(new RegionMeta.Position(appliedIndex, appliedTerm, 0)));
      batch.put(meta, RegionMeta.key(RegionMeta.FLOOR, descriptor.id()), RegionMeta.number(0));
      batch.put(meta, RegionMeta.key(RegionMeta.CLEANED, descriptor.id()), Cleaned.EMPTY.encode());
    } catch (RocksDBException e) {
      throw failed("creating region " + descriptor.id(), e);
    }
  }

  /**
   * Above which revision the changes that this store has under the region's id are whole; empty if it has none of which it
   * could be said. What lies at or below it may have been removed, or never have been here.
   */
  public OptionalLong changesWholeAbove(RegionId region) {
    Optional<Cleaned> cleaned = cleaned(region);
    return cleaned.isPresent() ? OptionalLong.of(cleaned.get().wholeAbove()) : OptionalLong.empty();
  }

  Optional<Cleaned> cleaned(RegionId region) {
    return Optional.ofNullable(readMeta(RegionMeta.CLEANED, region)).map(Cleaned::decode);
  }

  /** Opens a region that was created here; once at a time. */
  public RegionStore open(RegionId region) {
    return opened(new RegionStore(this, load(region)));
  }

  RegionStore opened(RegionStore region) {
    opened.put(region.descriptor().id(), region);
    return region;
  }

  /** The region's one state in memory, if the region is here. */
  public Optional<RegionStore> opened(RegionId region) {
    return Optional.ofNullable(opened.get(region)).filter(found -> has(region));
  }

  /** Puts the end of a region into the batch that makes its range another's: its data stay, nothing else does. */
  void end(WriteBatch batch, RegionDescriptor region) {
    deleteMeta(batch, region.id());
    putMeta(
        batch,
        RegionMeta.REPLICA,
        region.id(),
        ReplicaRecord.of(0, ReplicaRecord.State.MERGED).encode());
    putMeta(
        batch,
        RegionMeta.TOMBSTONE,
        region.id(),
        new Tombstone(Tombstone.EVERY_REPLICA, region.epoch().membership()).encode());
  }

  /** Puts the removal of the mark of an ended region into the batch that deletes its log. */
  public void endOfLog(WriteBatch batch, RegionId region) {
    deleteMeta(batch, region);
    opened.remove(region);
  }

  RegionStore.State load(RegionId region) {
    RegionDescriptor descriptor =
        RegionMeta.descriptor(needMeta(RegionMeta.DESCRIPTOR, region, "descriptor"));
    RegionMeta.Position position =
        RegionMeta.position(needMeta(RegionMeta.APPLIED, region, "applied position"));
    long floor = RegionMeta.number(needMeta(RegionMeta.FLOOR, region, "floor"), "floor");
    // What an earlier replica of the range left in memory says nothing of this one.
    cache.forget(descriptor.range());
    MergeState merge = MergeRecord.decode(readMeta(RegionMeta.MERGE, region));
    return new RegionStore.State(
        descriptor,
        position,
        floor,
        merge,
        descriptor.epoch().version(),
        LockSlices.load(this, region, descriptor.range()));
  }

  private byte[] needMeta(byte kind, RegionId region, String what) {
    byte[] record = readMeta(kind, region);
    if (record == null) {
      throw new IllegalStateException("region " + region + " has no " + what + " in this store");
    }
    return record;
  }

  void putMeta(WriteBatch batch, byte kind, RegionId region, byte[] record) {
    try {
      batch.put(meta, RegionMeta.key(kind, region), record);
    } catch (RocksDBException e) {
      throw failed("writing meta of region " + region, e);
    }
  }

  byte @Nullable [] readMeta(byte kind, RegionId region) {
    try {
      return db.get(meta, RegionMeta.key(kind, region));
    } catch (RocksDBException e) {
      throw failed("reading meta of region " + region, e);
    }
  }

  Lineage lineage(RegionId region) {
    byte[] known = readMeta(RegionMeta.LINEAGE, region);
    return known == null ? Lineage.NONE : Lineage.decode(known);
  }

  /**
   * Whether all that was noted under the id after the revision is here: its replica is, which has all notes under its own id
   * even if it came by a snapshot, from its floor on.
   */
  boolean hasChangesSince(RegionId region, long revision) {
    byte[] floor = readMeta(RegionMeta.FLOOR, region);
    return has(region) && floor != null && RegionMeta.number(floor, "floor") <= revision + 1;
  }

  byte @Nullable [] read(String family, byte[] key) {
    try {
      return db.get(families.apply(family), key);
    } catch (RocksDBException e) {
      throw failed("reading family " + family, e);
    }
  }

  RocksDB db() {
    return db;
  }

  ColumnFamilyHandle data() {
    return data;
  }

  /** Numbers of the families in the form of {@link io.quorate.raft.storage.BatchBytes}. */
  int dataId() {
    return dataId;
  }

  int changesId() {
    return changesId;
  }

  int metaId() {
    return metaId;
  }

  int leaseId() {
    return leaseId;
  }

  int lockId() {
    return lockId;
  }

  int txnId() {
    return txnId;
  }

  NewestCache cache() {
    return cache;
  }

  /** For iterators that look up one key. */
  ReadOptions pointOptions() {
    return pointOptions;
  }

  void write(WriteBatch batch) {
    writer.accept(batch);
  }

  /** The disk or the database failed: nobody can go on, so it is a broken invariant for all regions. */
  static IllegalStateException failed(String doing, RocksDBException cause) {
    return new IllegalStateException(doing + " failed: " + cause.getMessage(), cause);
  }

  /**
   * Rewrites the files of the region's range, and of its notes of changes, without what was removed. Waits for the disk; readers
   * and writers do not.
   */
  public void compact(RegionDescriptor region) {
    compact(
        data, DataRange.lower(region.range()), DataRange.upper(region.range().end()));
    compact(
        family(CHANGES),
        ChangeRecord.key(region.id(), 0, 0),
        ChangeRecord.key(region.id(), Long.MAX_VALUE, 0));
  }

  private void compact(ColumnFamilyHandle family, byte[] lower, byte[] upper) {
    try (CompactRangeOptions options = new CompactRangeOptions()
        .setExclusiveManualCompaction(false)
        .setAllowWriteStall(false)
        .setMaxSubcompactions(1)) {
      compactions.add(options);
      try {
        if (!compactionsStopped) {
          db.compactRange(family, lower, upper, options);
        }
      } finally {
        compactions.remove(options);
      }
    } catch (RocksDBException e) {
      throw failed("rewriting files", e);
    }
  }

  /** Breaks off {@link #compact}, now and for good. */
  public void stopCompactions() {
    compactionsStopped = true;
    compactions.forEach(options -> options.setCanceled(true));
  }

  /** About how many bytes the versions of the range take on disk and in memory. */
  long approximateBytes(KeyRange range) {
    return DataRange.bytes(db, data, range);
  }

  @Override
  public void close() {
    pointOptions.close();
  }
}
