package io.quorate.raft.storage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one RocksDB of a store: families {@code default}, {@code log}, {@code raft} and the caller's, one write-ahead log, one
 * cache, one writer of the Raft log. Owned by the store's host, which closes it after everything that uses it; usable from
 * any thread.
 *
 * <p>All families go through the write-ahead log, so that what is written first is durable no later: after a crash the
 * database is as it was at one moment, and never before the last append that was acknowledged. An error on a write is final.
 */
public final class RaftDatabase implements AutoCloseable {
  static final String LOG = "log";
  static final String RAFT = "raft";
  private static final String DEFAULT = "default";
  private static final Logger log = LoggerFactory.getLogger(RaftDatabase.class);
  private static final long MB = 1 << 20;
  private static final int BLOOM_BITS = 10;

  private static final String TABLES = "rocksdb.total-sst-files-size";
  private static final String LIVE_TABLES = "rocksdb.live-sst-files-size";

  private static final List<String> TOTALS = List.of(
      "rocksdb.cur-size-all-mem-tables",
      "rocksdb.estimate-table-readers-mem",
      TABLES,
      LIVE_TABLES,
      "rocksdb.estimate-pending-compaction-bytes",
      "rocksdb.num-running-compactions",
      "rocksdb.num-running-flushes",
      "rocksdb.estimate-num-keys",
      "rocksdb.background-errors");

  private static final List<String> SHARED = List.of(
      "rocksdb.block-cache-usage",
      "rocksdb.block-cache-pinned-usage",
      "rocksdb.actual-delayed-write-rate",
      "rocksdb.is-write-stopped");

  private final Path directory;
  private final RocksDB db;
  private final Map<String, ColumnFamilyHandle> families;
  private final Deque<AutoCloseable> options;
  private final WriteOptions unsynced = new WriteOptions();
  private final LogWriter writer;
  private final DurableNote note;

  /** Held shared by each call into native code that others may make at any time, so that none meets a closed database. */
  private final ReentrantReadWriteLock gate = new ReentrantReadWriteLock();

  private final AtomicBoolean closed = new AtomicBoolean();
  private final AtomicReference<@Nullable String> failure = new AtomicReference<>();
  private volatile Consumer<String> onFailure = reason -> {};

  private RaftDatabase(
      Path directory,
      RocksDB db,
      Map<String, ColumnFamilyHandle> families,
      Deque<AutoCloseable> options,
      RaftDatabaseConfig config,
      String name,
      DurableNote note) {
    this.directory = directory;
    this.db = db;
    this.families = families;
    this.options = options;
    this.note = note;
    this.writer = new LogWriter(db, note, config, name, this::fail);
  }

  /**
   * Opens or creates the database.
   *
   * @param directory made if missing; no other process may have it open
   * @param callerFamilies besides those of this class
   * @throws IllegalStateException saying why in one line: in use, unreadable, or holding families nobody asked for
   */
  public static RaftDatabase open(
      Path directory, List<FamilySpec> callerFamilies, RaftDatabaseConfig config) {
    RocksDB.loadLibrary();
    Deque<AutoCloseable> options = new ArrayDeque<>();
    try {
      Files.createDirectories(directory);
      Map<String, ColumnFamilyOptions> specs = familyOptions(callerFamilies, config, options);
      refuseUnknownFamilies(directory, specs);
      long synced = DurableNote.read(directory);
      List<ColumnFamilyDescriptor> descriptors = new ArrayList<>();
      specs.forEach((name, spec) ->
          descriptors.add(new ColumnFamilyDescriptor(name.getBytes(StandardCharsets.UTF_8), spec)));
      DBOptions dbOptions = databaseOptions(config);
      options.push(dbOptions);
      List<ColumnFamilyHandle> handles = new ArrayList<>();
      RocksDB db = RocksDB.open(dbOptions, directory.toString(), descriptors, handles);
      refuseLoss(directory, db, handles, synced);
      Map<String, ColumnFamilyHandle> families = new LinkedHashMap<>();
      int at = 0;
      for (String name : specs.keySet()) {
        families.put(name, handles.get(at++));
      }
      Path last = directory.getFileName();
      return new RaftDatabase(
          directory,
          db,
          families,
          options,
          config,
          last == null ? "root" : last.toString(),
          DurableNote.open(directory, synced));
    } catch (RocksDBException e) {
      closeAll(options);
      throw new IllegalStateException(explain(directory, e), e);
    } catch (IllegalStateException e) {
      closeAll(options);
      throw e;
    } catch (IOException e) {
      closeAll(options);
      throw new UncheckedIOException(
          "data directory " + directory + " cannot be made: " + e.getMessage(), e);
    }
  }

  /** Where it lies; its users may have subdirectories of their own there, on the same disk. */
  public Path directory() {
    return directory;
  }

  public RocksDB db() {
    return db;
  }

  /** One of the opened families. */
  public ColumnFamilyHandle family(String name) {
    ColumnFamilyHandle handle = families.get(name);
    if (handle == null) {
      throw new IllegalArgumentException("no family " + name + ", there are " + families.keySet());
    }
    return handle;
  }

  ColumnFamilyHandle logFamily() {
    return family(LOG);
  }

  ColumnFamilyHandle raftFamily() {
    return family(RAFT);
  }

  public LogWriter logWriter() {
    return writer;
  }

  /**
   * Writes all or nothing, through the write-ahead log but neither synced nor handed to the system: safe from a crash of this
   * process, too, only with the next append of any group or {@link #sync}.
   *
   * @throws IllegalStateException when the disk failed, now or before
   */
  public void write(WriteBatch batch) {
    call("write failed", () -> {
      db.write(unsynced, batch);
      return true;
    });
  }

  /** Makes all earlier writes durable. */
  public void sync() {
    call("sync failed", () -> {
      long written = db.getLatestSequenceNumber();
      db.flushWal(true);
      note(written);
      return true;
    });
  }

  /**
   * Whether the iterator stands on a record. One that met a damaged file stands on none, just as one at the end does: then
   * this throws, lest what cannot be read be taken for what is not there.
   */
  boolean isThere(RocksIterator records) {
    if (records.isValid()) {
      return true;
    }
    try {
      records.status();
      return false;
    } catch (RocksDBException e) {
      throw broken("read failed", e);
    }
  }

  private void note(long synced) {
    try {
      note.synced(synced);
    } catch (IOException e) {
      String reason = "note of what is synced not written, this store stops: " + e.getMessage();
      fail(reason);
      throw new IllegalStateException(reason, e);
    }
  }

  /** One value, or empty. */
  Optional<byte[]> get(ColumnFamilyHandle family, byte[] key) {
    return call("read failed", () -> Optional.ofNullable(db.get(family, key)));
  }

  /**
   * Says whom to tell, once and in one line, when the disk has failed; at once if it has. Told on the thread that met the
   * failure, the log writer's for one: the listener hands it on, it never closes the database itself.
   */
  public void onFailure(Consumer<String> listener) {
    onFailure = listener;
    String reason = failure.get();
    if (reason != null) {
      listener.accept(reason);
    }
  }

  /** What RocksDB says of itself: totals over all families, sizes of each, what the log writer did. Costs no I/O. */
  public Map<String, Long> properties() {
    return call("properties unreadable", this::readProperties);
  }

  /** What it takes on disk; waits for the disk. */
  public DiskUse diskUse() throws IOException {
    return DiskUse.of(directory, (long) property(TABLES), (long) property(LIVE_TABLES));
  }

  /** One of RocksDB's numbers, over all families where it is each family's; NaN once the database is closed or broken. */
  double property(String name) {
    gate.readLock().lock();
    try {
      if (closed.get() || failure.get() != null) {
        return Double.NaN;
      }
      return TOTALS.contains(name) ? db.getAggregatedLongProperty(name) : db.getLongProperty(name);
    } catch (RocksDBException e) {
      return Double.NaN;
    } finally {
      gate.readLock().unlock();
    }
  }

  private Map<String, Long> readProperties() throws RocksDBException {
    Map<String, Long> values = new TreeMap<>();
    for (String name : TOTALS) {
      values.put(name, db.getAggregatedLongProperty(name));
    }
    for (String name : SHARED) {
      values.put(name, db.getLongProperty(name));
    }
    for (Map.Entry<String, ColumnFamilyHandle> family : families.entrySet()) {
      values.put(
          family.getKey() + ".live-sst-files-size",
          db.getLongProperty(family.getValue(), "rocksdb.live-sst-files-size"));
    }
    LogWriter.Stats stats = writer.stats();
    values.put("log.appends", stats.appends());
    values.put("log.syncs", stats.syncs());
    values.put("log.bytes", stats.bytes());
    return values;
  }

  /** Writes and syncs what was handed in, then closes; all users must be gone. */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    writer.close();
    gate.writeLock().lock();
    try {
      if (failure.get() == null) {
        long written = db.getLatestSequenceNumber();
        db.flushWal(true);
        note.synced(written);
      }
      note.close();
    } catch (RocksDBException | IOException e) {
      log.error("database not synced at close: {}", e.getMessage());
    } finally {
      families.values().forEach(ColumnFamilyHandle::close);
      db.close();
      unsynced.close();
      closeAll(options);
      gate.writeLock().unlock();
    }
  }

  private interface NativeCall<T> {
    T run() throws RocksDBException;
  }

  private <T> T call(String failed, NativeCall<T> call) {
    gate.readLock().lock();
    try {
      checkUsable();
      return call.run();
    } catch (RocksDBException e) {
      throw broken(failed, e);
    } finally {
      gate.readLock().unlock();
    }
  }

  private void checkUsable() {
    String reason = failure.get();
    if (reason != null) {
      throw new IllegalStateException(reason);
    }
    if (closed.get()) {
      throw new IllegalStateException("the database is closed");
    }
  }

  private IllegalStateException broken(String what, RocksDBException cause) {
    String reason = "database " + what + ", this store stops: " + cause.getMessage();
    fail(reason);
    return new IllegalStateException(reason, cause);
  }

  private void fail(String reason) {
    if (failure.compareAndSet(null, reason)) {
      log.error("{}", reason);
      onFailure.accept(reason);
    }
  }

  /** The write-ahead log was cut at its first unreadable record: was that behind all that was ever synced? */
  private static void refuseLoss(
      Path directory, RocksDB db, List<ColumnFamilyHandle> handles, long synced) {
    long readable = db.getLatestSequenceNumber();
    if (readable < synced) {
      handles.forEach(ColumnFamilyHandle::close);
      db.close();
      throw new IllegalStateException(
          "the write-ahead log in " + directory
              + " is damaged: it is readable up to record " + readable + ", but was synced up to "
              + synced + "; what was promised in between is lost here, so never start with this"
              + " directory again: start with an empty one, as a new member that is given the others' data");
    }
  }

  private static void refuseUnknownFamilies(Path directory, Map<String, ColumnFamilyOptions> specs)
      throws RocksDBException {
    try (Options plain = new Options()) {
      for (byte[] bytes : RocksDB.listColumnFamilies(plain, directory.toString())) {
        String name = new String(bytes, StandardCharsets.UTF_8);
        if (!specs.containsKey(name)) {
          throw new IllegalStateException("data directory " + directory + " holds family " + name
              + ", unknown to this version: was it written by a newer one?");
        }
      }
    }
  }

  private static Map<String, ColumnFamilyOptions> familyOptions(
      List<FamilySpec> callerFamilies, RaftDatabaseConfig config, Deque<AutoCloseable> options) {
    Cache cache = new LRUCache(config.blockCacheBytes());
    BloomFilter bloom = new BloomFilter(BLOOM_BITS, false);
    options.push(cache);
    options.push(bloom);
    Map<String, ColumnFamilyOptions> specs = new LinkedHashMap<>();
    specs.put(DEFAULT, familyOptions(cache, bloom).setWriteBufferSize(MB));
    // Read by point lookups of keys that exist, and cut off at the front: no filter, few large
    // buffers.
    specs.put(LOG, familyOptions(cache, null).setWriteBufferSize(config.logWriteBufferBytes()));
    specs.put(RAFT, familyOptions(cache, null).setWriteBufferSize(4 * MB));
    for (FamilySpec family : callerFamilies) {
      ColumnFamilyOptions tuned = familyOptions(cache, bloom);
      options.push(tuned);
      family.tune().accept(tuned);
      if (specs.put(family.name(), tuned) != null) {
        throw new IllegalArgumentException(
            "family " + family.name() + " is named twice or reserved");
      }
    }
    specs.values().forEach(spec -> {
      if (!options.contains(spec)) {
        options.push(spec);
      }
    });
    return specs;
  }

  private static ColumnFamilyOptions familyOptions(Cache cache, @Nullable BloomFilter bloom) {
    BlockBasedTableConfig table = new BlockBasedTableConfig()
        .setBlockCache(cache)
        .setBlockSize(8 << 10)
        .setCacheIndexAndFilterBlocks(true)
        .setCacheIndexAndFilterBlocksWithHighPriority(true)
        .setPinL0FilterAndIndexBlocksInCache(true);
    if (bloom != null) {
      table.setFilterPolicy(bloom);
    }
    return new ColumnFamilyOptions()
        .setTableFormatConfig(table)
        .setCompressionType(CompressionType.LZ4_COMPRESSION)
        .setWriteBufferSize(16 * MB)
        .setMaxWriteBufferNumber(3)
        .setLevelCompactionDynamicLevelBytes(true)
        .setMaxBytesForLevelBase(64 * MB)
        .setTargetFileSizeBase(16 * MB);
  }

  private static DBOptions databaseOptions(RaftDatabaseConfig config) {
    return new DBOptions()
        .setCreateIfMissing(true)
        .setCreateMissingColumnFamilies(true)
        .setParanoidChecks(true)
        .setMaxBackgroundJobs(config.backgroundJobs())
        .setDbWriteBufferSize(config.writeBufferBytes())
        // An apply write costs no system call: what is in the log's buffer goes out with the next
        // append's sync. A killed process loses it with the applied index beside it, and replays.
        // RocksDB empties the buffer before it flushes memtables of several families.
        .setManualWalFlush(true)
        .setMaxTotalWalSize(config.walBytes())
        // What flushes and compactions write goes to the disk as it comes: left to pile up, it
        // would be in the way of the
        // log's syncs all at once.
        .setBytesPerSync(MB)
        .setStrictBytesPerSync(true)
        // Replays up to what a crash left half written behind the last sync, or to what was damaged
        // since: refuseLoss tells which. A hole before a later file refuses to open.
        .setWalRecoveryMode(WALRecoveryMode.PointInTimeRecovery)
        .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
        .setMaxLogFileSize(8 * MB)
        .setKeepLogFileNum(4)
        .setStatsDumpPeriodSec(0)
        .setStatsPersistPeriodSec(0);
  }

  private static String explain(Path directory, RocksDBException cause) {
    String message = String.valueOf(cause.getMessage());
    if (message.contains("lock")) {
      return "data directory " + directory + " is in use by another process";
    }
    return "database in " + directory + " cannot be opened: " + message;
  }

  private static void closeAll(Deque<AutoCloseable> options) {
    while (!options.isEmpty()) {
      AutoCloseable next = options.pop();
      try {
        next.close();
      } catch (Exception e) {
        throw new IllegalStateException("native options not closed", e);
      }
    }
  }
}
