package io.quorate.raft.storage;

import io.quorate.raft.ReplicaId;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * What a replica has promised (Raft §5.1).
 *
 * @param term latest it has seen
 * @param vote whom it voted for in that term
 */
record HardState(long term, Optional<ReplicaId> vote) {
  static HardState unvoted(long term) {
    return new HardState(term, Optional.empty());
  }

  byte[] encode(byte[] key) {
    ByteBuffer out = ByteBuffer.allocate(3 * Long.BYTES);
    out.putLong(term);
    out.putLong(vote.map(ReplicaId::store).orElse(0L));
    out.putLong(vote.map(ReplicaId::replica).orElse(0L));
    return Seal.seal(key, out.flip());
  }

  static HardState decode(byte[] key, byte[] value) {
    ByteBuffer in = Seal.open(key, value);
    long term = in.getLong();
    ReplicaId vote = new ReplicaId(in.getLong(), in.getLong());
    return new HardState(term, vote.store() == 0 ? Optional.empty() : Optional.of(vote));
  }
}
