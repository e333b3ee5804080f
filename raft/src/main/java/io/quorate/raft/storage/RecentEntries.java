package io.quorate.raft.storage;

import com.alipay.sofa.jraft.entity.LogEntry;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The last few small entries of one log. jraft drops an entry from its memory once it is applied, and asks for its term with
 * the next message to each follower: without this each heartbeat would read the database. Written by the group's log stage,
 * read by any thread.
 */
final class RecentEntries {
  private static final int SLOTS = 8;

  /** Larger entries are not kept, so that a group holds at most 32 KB. */
  private static final int ENTRY_BYTES_MAX = 4 << 10;

  private final AtomicReferenceArray<@Nullable LogEntry> slots = new AtomicReferenceArray<>(SLOTS);

  void add(LogEntry entry) {
    boolean small = LogRecord.dataLength(entry) <= ENTRY_BYTES_MAX;
    slots.set(slot(entry.getId().getIndex()), small ? copy(entry) : null);
  }

  @Nullable
  LogEntry get(long index) {
    LogEntry entry = slots.get(slot(index));
    return entry != null && entry.getId().getIndex() == index ? copy(entry) : null;
  }

  void clear() {
    for (int i = 0; i < SLOTS; i++) {
      slots.set(i, null);
    }
  }

  private static int slot(long index) {
    return (int) (index % SLOTS);
  }

  /** Readers move the positions of the buffers they get. */
  private static LogEntry copy(LogEntry entry) {
    LogEntry copy = new LogEntry(entry.getType());
    copy.setId(entry.getId().copy());
    copy.setPeers(entry.getPeers());
    copy.setLearners(entry.getLearners());
    copy.setOldPeers(entry.getOldPeers());
    copy.setOldLearners(entry.getOldLearners());
    copy.setData(entry.getData() == null ? LogEntry.EMPTY_DATA : entry.getData().duplicate());
    return copy;
  }
}
