package io.quorate.raft.storage;

import com.alipay.sofa.jraft.conf.Configuration;
import com.alipay.sofa.jraft.conf.ConfigurationEntry;
import com.alipay.sofa.jraft.conf.ConfigurationManager;
import com.alipay.sofa.jraft.entity.EnumOutter.EntryType;
import com.alipay.sofa.jraft.entity.LogEntry;
import com.alipay.sofa.jraft.entity.LogId;
import com.alipay.sofa.jraft.error.LogEntryCorruptedException;
import com.alipay.sofa.jraft.option.LogStorageOptions;
import com.alipay.sofa.jraft.storage.LogStorage;
import io.quorate.raft.GroupId;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;

/**
 * One group's part of the shared log; owned by the group's node. Changed by the group's log stage alone, read by any thread.
 * All changes go through the database's {@link LogWriter} and are durable on return.
 *
 * <p>Its first index is stored, its last is found by one seek at start; configuration entries are stored a second time in
 * family {@code raft}, so that a start does not read the log.
 */
public final class SharedLogStorage implements LogStorage {
  /** Up to so many entries are deleted one by one; a range tombstone costs readers more than that. */
  static final int POINT_DELETES = 128;

  private static final int RECORD_OVERHEAD = 48;

  private final RaftDatabase database;
  private final GroupId group;
  private final PeerIds peers;
  private final int logFamily;
  private final int raftFamily;
  private final RecentEntries recent = new RecentEntries();
  private final TreeSet<Long> configurations = new TreeSet<>();
  private final AtomicLong appendedBytes = new AtomicLong();
  private volatile Consumer<String> onDamage = reason -> {};

  /** Where the log begins, or would if it had entries. */
  private volatile long first = 1;

  /** Last entry, or 0 when there is none. */
  private volatile long last;

  /** Whether {@link #first} is stored; else the first append decides it. */
  private boolean bounded;

  /** What {@link #reset} promises to leave at the first index, until the first append; never stored. */
  private volatile @Nullable LogEntry placeholder;

  public SharedLogStorage(RaftDatabase database, GroupId group, PeerIds peers) {
    this.database = database;
    this.group = group;
    this.peers = peers;
    this.logFamily = database.logFamily().getID();
    this.raftFamily = database.raftFamily().getID();
  }

  /** Says whom to tell, in one line, of a damaged record; the read that met it throws besides. Before init. */
  public void onDamage(Consumer<String> listener) {
    onDamage = listener;
  }

  @Override
  public boolean init(LogStorageOptions options) {
    load(options.getConfigurationManager());
    return true;
  }

  void load(@Nullable ConfigurationManager manager) {
    byte[] key = RaftKeys.raft(group, RaftKeys.BOUNDS);
    Optional<byte[]> bounds = database.get(database.raftFamily(), key);
    bounded = bounds.isPresent();
    first = bounds.map(value -> decodeBounds(key, value)).orElse(1L);
    last = seekLast();
    loadConfigurations(manager);
  }

  @Override
  public void shutdown() {}

  @Override
  public long getFirstLogIndex() {
    return first;
  }

  @Override
  public long getLastLogIndex() {
    return placeholder == null ? last : first;
  }

  /** Bytes appended since it was opened, records' overhead included. Any thread. */
  public long appendedBytes() {
    return appendedBytes.get();
  }

  @Override
  public @Nullable LogEntry getEntry(long index) {
    LogEntry left = placeholder;
    if (left != null && index == left.getId().getIndex()) {
      return left;
    }
    if (index < first || index > last) {
      return null;
    }
    LogEntry cached = recent.get(index);
    return cached != null ? cached : read(index);
  }

  @Override
  @Deprecated
  public long getTerm(long index) {
    LogEntry entry = getEntry(index);
    return entry == null ? 0 : entry.getId().getTerm();
  }

  @Override
  public boolean appendEntry(LogEntry entry) {
    return appendEntries(List.of(entry)) == 1;
  }

  @Override
  public int appendEntries(List<LogEntry> entries) {
    if (entries.isEmpty()) {
      return 0;
    }
    long from = entries.get(0).getId().getIndex();
    checkFollows(from);
    BatchBytes batch = encode(entries);
    if (!bounded) {
      putBounds(batch, from);
    }
    if (!database.logWriter().tryAppend(batch)) {
      return 0;
    }
    if (!bounded) {
      first = from;
      bounded = true;
    }
    for (LogEntry entry : entries) {
      if (LogRecord.isConfiguration(entry)) {
        configurations.add(entry.getId().getIndex());
      }
      recent.add(entry);
    }
    placeholder = null;
    last = from + entries.size() - 1;
    appendedBytes.addAndGet(batch.length());
    return entries.size();
  }

  @Override
  public boolean truncatePrefix(long firstIndexKept) {
    if (firstIndexKept <= first && bounded) {
      return true;
    }
    BatchBytes batch = new BatchBytes(256);
    putBounds(batch, firstIndexKept);
    delete(batch, first, Math.min(firstIndexKept - 1, last));
    configurations.headSet(firstIndexKept).forEach(index -> deleteConfiguration(batch, index));
    if (!database.logWriter().tryAppend(batch)) {
      return false;
    }
    configurations.headSet(firstIndexKept).clear();
    placeholder = null;
    first = firstIndexKept;
    bounded = true;
    if (firstIndexKept > last) {
      last = 0;
    }
    return true;
  }

  @Override
  public boolean truncateSuffix(long lastIndexKept) {
    BatchBytes batch = new BatchBytes(256);
    delete(batch, Math.max(first, lastIndexKept + 1), last);
    configurations.tailSet(lastIndexKept + 1).forEach(index -> deleteConfiguration(batch, index));
    if (!database.logWriter().tryAppend(batch)) {
      return false;
    }
    configurations.tailSet(lastIndexKept + 1).clear();
    placeholder = null;
    if (lastIndexKept < last) {
      last = lastIndexKept >= first ? lastIndexKept : 0;
    }
    recent.clear();
    return true;
  }

  /**
   * Drops the log, to begin at the index. jraft's own storage leaves an entry there, made up with term 0 if it had none; here
   * it shows only until the first append or the end of the process: found after a restart, it would be taken for the last
   * entry of a log that is in truth as far as the installed snapshot, and its term would let this replica vote for a
   * candidate that lacks committed entries (Raft §5.4.1).
   */
  @Override
  public boolean reset(long nextLogIndex) {
    if (nextLogIndex <= 0) {
      throw new IllegalArgumentException("log reset to index " + nextLogIndex);
    }
    LogEntry left = getEntry(nextLogIndex);
    if (left == null) {
      left = new LogEntry(EntryType.ENTRY_TYPE_NO_OP);
      left.setId(new LogId(nextLogIndex, 0));
    }
    BatchBytes batch = new BatchBytes(256);
    putBounds(batch, nextLogIndex);
    delete(batch, first, last);
    configurations.forEach(index -> deleteConfiguration(batch, index));
    if (!database.logWriter().tryAppend(batch)) {
      return false;
    }
    configurations.clear();
    recent.clear();
    last = 0;
    first = nextLogIndex;
    bounded = true;
    placeholder = left;
    return true;
  }

  private void checkFollows(long index) {
    long expected = last == 0 ? first : last + 1;
    if (index != expected && (bounded || last != 0)) {
      throw new IllegalStateException(
          "group=" + group + " append at " + index + ", the log ends before " + expected);
    }
  }

  private BatchBytes encode(List<LogEntry> entries) {
    int size = 0;
    for (LogEntry entry : entries) {
      size += LogRecord.length(entry) + RECORD_OVERHEAD;
    }
    BatchBytes batch = new BatchBytes(size);
    long index = entries.get(0).getId().getIndex();
    for (LogEntry entry : entries) {
      if (entry.getId().getIndex() != index++) {
        throw new IllegalStateException(
            "group=" + group + " append with a gap before " + entry.getId());
      }
      byte[] key = RaftKeys.log(group, entry.getId().getIndex());
      put(batch, logFamily, key, key, entry);
      if (LogRecord.isConfiguration(entry)) {
        put(batch, raftFamily, RaftKeys.configuration(group, entry.getId().getIndex()), key, entry);
      }
    }
    return batch;
  }

  /** Both copies of a configuration entry are sealed with the log's key, so that one reader does for both. */
  private void put(BatchBytes batch, int family, byte[] key, byte[] sealKey, LogEntry entry) {
    int length = LogRecord.length(entry);
    int at = batch.beginPut(family, key, length);
    LogRecord.write(entry, peers, sealKey, batch.array(), at, length);
  }

  private void putBounds(BatchBytes batch, long firstIndex) {
    byte[] key = RaftKeys.raft(group, RaftKeys.BOUNDS);
    batch.put(raftFamily, key, encodeBounds(key, firstIndex));
  }

  private void delete(BatchBytes batch, long from, long to) {
    if (to - from < POINT_DELETES) {
      for (long index = from; index <= to; index++) {
        batch.delete(logFamily, RaftKeys.log(group, index));
      }
    } else {
      batch.deleteRange(logFamily, RaftKeys.log(group, from), RaftKeys.log(group, to + 1));
    }
  }

  private void deleteConfiguration(BatchBytes batch, long index) {
    batch.delete(raftFamily, RaftKeys.configuration(group, index));
  }

  private @Nullable LogEntry read(long index) {
    byte[] key = RaftKeys.log(group, index);
    Optional<byte[]> value = database.get(database.logFamily(), key);
    if (value.isEmpty()) {
      // Cut off since the bounds were checked, or missing.
      if (index < first || index > last) {
        return null;
      }
      throw damaged(index, "record missing");
    }
    return decode(index, key, value.get());
  }

  private LogEntry decode(long index, byte[] key, byte[] value) {
    try {
      return LogRecord.read(key, value, peers);
    } catch (IllegalStateException e) {
      throw damaged(index, String.valueOf(e.getMessage()));
    }
  }

  private LogEntryCorruptedException damaged(long index, String what) {
    String reason = "group=" + group + " log entry " + index + ": " + what;
    onDamage.accept(reason);
    return new LogEntryCorruptedException(reason);
  }

  private long seekLast() {
    try (Slice lower = new Slice(RaftKeys.log(group, first));
        ReadOptions options = new ReadOptions().setIterateLowerBound(lower);
        RocksIterator records = database.db().newIterator(database.logFamily(), options)) {
      records.seekForPrev(RaftKeys.log(group, Long.MAX_VALUE));
      return database.isThere(records) ? RaftKeys.getLong(records.key(), Long.BYTES) : 0;
    }
  }

  private void loadConfigurations(@Nullable ConfigurationManager manager) {
    try (Slice upper = new Slice(RaftKeys.end(group));
        ReadOptions options = new ReadOptions().setIterateUpperBound(upper);
        RocksIterator records = database.db().newIterator(database.raftFamily(), options)) {
      records.seek(RaftKeys.configuration(group, 0));
      while (database.isThere(records)) {
        long index = RaftKeys.getLong(records.key(), RaftKeys.GROUP_BYTES + 1);
        configurations.add(index);
        if (manager != null) {
          manager.add(configuration(decode(index, RaftKeys.log(group, index), records.value())));
        }
        records.next();
      }
    }
  }

  private static ConfigurationEntry configuration(LogEntry entry) {
    ConfigurationEntry configuration = new ConfigurationEntry();
    configuration.setId(entry.getId().copy());
    configuration.setConf(new Configuration(entry.getPeers(), entry.getLearners()));
    if (entry.getOldPeers() != null) {
      configuration.setOldConf(new Configuration(entry.getOldPeers(), entry.getOldLearners()));
    }
    return configuration;
  }

  static byte[] encodeBounds(byte[] key, long firstIndex) {
    return Seal.seal(key, ByteBuffer.allocate(Long.BYTES).putLong(firstIndex).flip());
  }

  private static long decodeBounds(byte[] key, byte[] value) {
    return Seal.open(key, value).getLong();
  }
}
