package io.quorate.raft.storage;

import com.alipay.sofa.jraft.entity.EnumOutter.EntryType;
import com.alipay.sofa.jraft.entity.LogEntry;
import com.alipay.sofa.jraft.entity.LogId;
import com.alipay.sofa.jraft.entity.PeerId;
import io.quorate.raft.ReplicaId;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A log entry on disk, inside its {@link Seal}: type (1 byte), term (8); of a configuration its four lists of replicas
 * (voters, learners, former voters, former learners); the data to the end. The index is in the key.
 */
final class LogRecord {
  private static final int FIXED = 1 + Long.BYTES;
  private static final int REPLICA = Long.BYTES + Integer.BYTES;
  private static final short NO_LIST = -1;

  private LogRecord() {}

  /** Length of the sealed record. */
  static int length(LogEntry entry) {
    int length = Seal.BYTES + FIXED + dataLength(entry);
    if (isConfiguration(entry)) {
      length += listLength(entry.getPeers())
          + listLength(entry.getLearners())
          + listLength(entry.getOldPeers())
          + listLength(entry.getOldLearners());
    }
    return length;
  }

  /** Writes the sealed record, of just {@link #length}. */
  static void write(LogEntry entry, PeerIds peers, byte[] key, byte[] target, int at, int length) {
    ByteBuffer out = ByteBuffer.wrap(target, at + Seal.BYTES, length - Seal.BYTES);
    out.put((byte) entry.getType().getNumber()).putLong(entry.getId().getTerm());
    if (isConfiguration(entry)) {
      putList(out, peers, entry.getPeers());
      putList(out, peers, entry.getLearners());
      putList(out, peers, entry.getOldPeers());
      putList(out, peers, entry.getOldLearners());
    }
    int data = dataLength(entry);
    if (data > 0) {
      ByteBuffer source = entry.getData();
      out.put(out.position(), source, source.position(), data);
    }
    Seal.seal(key, target, at, length);
  }

  /**
   * Reads a sealed record.
   *
   * @throws IllegalStateException when it is damaged
   */
  static LogEntry read(byte[] key, byte[] value, PeerIds peers) {
    ByteBuffer in = Seal.open(key, value);
    EntryType type = EntryType.forNumber(in.get());
    if (type == null) {
      throw new IllegalStateException("log entry of unknown type");
    }
    LogEntry entry = new LogEntry(type);
    entry.setId(new LogId(RaftKeys.getLong(key, Long.BYTES), in.getLong()));
    if (isConfiguration(entry)) {
      entry.setPeers(getList(in, peers));
      entry.setLearners(getList(in, peers));
      entry.setOldPeers(getList(in, peers));
      entry.setOldLearners(getList(in, peers));
    }
    entry.setData(in.hasRemaining() ? in.slice() : LogEntry.EMPTY_DATA);
    return entry;
  }

  static boolean isConfiguration(LogEntry entry) {
    return entry.getType() == EntryType.ENTRY_TYPE_CONFIGURATION;
  }

  static int dataLength(LogEntry entry) {
    return entry.getData() == null ? 0 : entry.getData().remaining();
  }

  private static int listLength(@Nullable List<PeerId> list) {
    return Short.BYTES + (list == null ? 0 : REPLICA * list.size());
  }

  private static void putList(ByteBuffer out, PeerIds peers, @Nullable List<PeerId> list) {
    if (list == null) {
      out.putShort(NO_LIST);
      return;
    }
    out.putShort((short) list.size());
    for (PeerId peer : list) {
      ReplicaId replica = peers.toReplica(peer);
      out.putLong(replica.store()).putInt((int) replica.replica());
    }
  }

  private static @Nullable List<PeerId> getList(ByteBuffer in, PeerIds peers) {
    short size = in.getShort();
    if (size == NO_LIST) {
      return null;
    }
    List<PeerId> list = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      list.add(peers.toPeer(new ReplicaId(in.getLong(), in.getInt())));
    }
    return list;
  }
}
