package io.quorate.raft.counter;

import io.quorate.model.Bytes;
import io.quorate.raft.LogEntry;
import io.quorate.raft.StateMachine;
import io.quorate.raft.storage.RaftDatabase;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/** The same counters, kept in the store's database with the index that they are as of, in one write. */
final class DurableCounters implements StateMachine<Long> {
  private final RaftDatabase database;
  private final ColumnFamilyHandle family;
  private final long group;
  private final AtomicLong applied = new AtomicLong();

  DurableCounters(RaftDatabase database, long group) {
    this.database = database;
    this.family = database.family("counters");
    this.group = group;
    applied.set(read("applied"));
  }

  long value(String name) {
    return read("n/" + name);
  }

  @Override
  public long appliedIndex() {
    return applied.get();
  }

  @Override
  public List<Long> apply(List<LogEntry> entries) {
    List<Long> answers = new ArrayList<>();
    for (LogEntry entry : entries) {
      if (entry.index() <= applied.get()) {
        throw new IllegalStateException("entry " + entry.index() + " again, after " + applied);
      }
      String[] words = entry.data().toUtf8().split(" ", -1);
      long sum = value(words[0]) + Long.parseLong(words[1]);
      try (WriteBatch batch = new WriteBatch()) {
        batch.put(family, key("n/" + words[0]), bytes(sum));
        batch.put(family, key("applied"), bytes(entry.index()));
        database.write(batch);
      } catch (RocksDBException e) {
        throw new IllegalStateException(e);
      }
      applied.set(entry.index());
      answers.add(sum);
    }
    return answers;
  }

  private long read(String name) {
    try {
      byte[] value = database.db().get(family, key(name));
      return value == null ? 0 : ByteBuffer.wrap(value).getLong();
    } catch (RocksDBException e) {
      throw new IllegalStateException(e);
    }
  }

  private byte[] key(String name) {
    return (group + "/" + name).getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] bytes(long value) {
    return Bytes.wrap(ByteBuffer.allocate(Long.BYTES).putLong(value).array()).toByteArray();
  }
}
