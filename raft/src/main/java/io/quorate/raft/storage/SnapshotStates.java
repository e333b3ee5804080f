package io.quorate.raft.storage;

import io.quorate.raft.GroupId;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;

/**
 * Keeps the whole state of small state machines beside their {@link SnapshotRecord}, in pieces of family {@code raft}; used by
 * the host, one group's by one thread at a time.
 */
public final class SnapshotStates {
  /** Before the kinds of {@link RaftKeys}, whose last is read to the end of the group. */
  private static final byte STATE = 0;

  private static final int PIECE_BYTES = 1 << 20;

  private final RaftDatabase database;

  public SnapshotStates(RaftDatabase database) {
    this.database = database;
  }

  /** Replaces state and record in one write; durable on return. */
  public void save(GroupId group, SnapshotRecord snapshot, byte[] state) {
    int family = database.raftFamily().getID();
    BatchBytes batch = new BatchBytes(state.length + 4096);
    batch.deleteRange(family, key(group, 0), key(group, Long.MAX_VALUE));
    for (int piece = 0; piece * (long) PIECE_BYTES < state.length; piece++) {
      int at = piece * PIECE_BYTES;
      byte[] key = key(group, piece);
      ByteBuffer content =
          ByteBuffer.wrap(state, at, Math.min(PIECE_BYTES, state.length - at)).slice();
      batch.put(family, key, Seal.seal(key, content));
    }
    byte[] recordKey = RaftKeys.raft(group, RaftKeys.SNAPSHOT);
    batch.put(family, recordKey, snapshot.encode(recordKey));
    database.logWriter().append(batch);
  }

  /** The state last saved; empty if there is none, which for a seeded group means the state it is seeded with. */
  public Optional<byte[]> read(GroupId group) {
    ByteBuffer state = ByteBuffer.allocate(0);
    boolean any = false;
    try (Slice upper = new Slice(key(group, Long.MAX_VALUE));
        ReadOptions options = new ReadOptions().setIterateUpperBound(upper);
        RocksIterator pieces = database.db().newIterator(database.raftFamily(), options)) {
      pieces.seek(key(group, 0));
      while (database.isThere(pieces)) {
        ByteBuffer content = Seal.open(pieces.key(), pieces.value());
        ByteBuffer joined = ByteBuffer.allocate(state.capacity() + content.remaining());
        joined.put(state.flip()).put(content);
        state = joined;
        any = true;
        pieces.next();
      }
    }
    return any ? Optional.of(state.array()) : Optional.empty();
  }

  private static byte[] key(GroupId group, long piece) {
    byte[] key = new byte[RaftKeys.GROUP_BYTES + 1 + Long.BYTES];
    RaftKeys.putLong(key, 0, group.value());
    key[RaftKeys.GROUP_BYTES] = STATE;
    RaftKeys.putLong(key, RaftKeys.GROUP_BYTES + 1, piece);
    return key;
  }
}
