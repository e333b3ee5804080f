package io.quorate.raft.storage;

import io.quorate.raft.Membership;
import io.quorate.raft.ReplicaId;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Up to where the log is not needed any more to rebuild the state machine.
 *
 * @param index last entry that the machine's durable state has
 * @param term of that entry
 * @param membership as of that entry
 * @param previous the outgoing membership, if a change was under way at that entry
 */
public record SnapshotRecord(
    long index, long term, Membership membership, Optional<Membership> previous) {
  byte[] encode(byte[] key) {
    ByteBuffer out = ByteBuffer.allocate(3 * Long.BYTES
        + length(membership)
        + previous.map(SnapshotRecord::length).orElse(0));
    out.putLong(index).putLong(term).put((byte) (previous.isPresent() ? 1 : 0));
    put(out, membership);
    previous.ifPresent(members -> put(out, members));
    return Seal.seal(key, out.flip());
  }

  static SnapshotRecord decode(byte[] key, byte[] value) {
    ByteBuffer in = Seal.open(key, value);
    long index = in.getLong();
    long term = in.getLong();
    boolean changing = in.get() == 1;
    Membership membership = get(in);
    return new SnapshotRecord(
        index, term, membership, changing ? Optional.of(get(in)) : Optional.empty());
  }

  private static int length(Membership membership) {
    int replicas = membership.voters().size() + membership.learners().size();
    return 2 * Short.BYTES + 2 * Long.BYTES * replicas;
  }

  private static void put(ByteBuffer out, Membership membership) {
    put(out, membership.voters());
    put(out, membership.learners());
  }

  private static void put(ByteBuffer out, List<ReplicaId> replicas) {
    out.putShort((short) replicas.size());
    replicas.forEach(replica -> out.putLong(replica.store()).putLong(replica.replica()));
  }

  private static Membership get(ByteBuffer in) {
    return new Membership(replicas(in), replicas(in));
  }

  private static List<ReplicaId> replicas(ByteBuffer in) {
    int size = in.getShort();
    List<ReplicaId> replicas = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      replicas.add(new ReplicaId(in.getLong(), in.getLong()));
    }
    return replicas;
  }
}
