package io.quorate.region.storage;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.region.mvcc.ByteReader;
import io.quorate.region.mvcc.ByteWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * What became of a replica that did not simply begin with its region. A region without this record was created here and is
 * whole.
 *
 * @param replica its id
 * @param state where it stands
 * @param ranges with {@code INSTALLING}: all that a snapshot was about to replace
 */
public record ReplicaRecord(long replica, State state, List<KeyRange> ranges) {
  private static final int FORMAT = 1;

  // The places in this list are what is written: they never change, new states come last.
  private static final List<State> STATES = List.of(
      State.EMPTY, State.INSTALLING, State.HELD, State.REMOVED, State.DAMAGED, State.MERGED);

  /** Where a replica stands. */
  public enum State {
    /** Made because its leader asked for it; waits for a snapshot, holds nothing, does not vote. */
    EMPTY,
    /** A snapshot is being installed: what lies in the ranges is neither old nor new. */
    INSTALLING,
    /** It came by a snapshot, and is whole. */
    HELD,
    /** It applied its own removal, and is to be destroyed. */
    REMOVED,
    /** Its data were found to differ from its leader's: it is never started again, and waits to be destroyed. */
    DAMAGED,
    /** Its region is part of its left neighbour: what is left of its log is to be deleted, and nothing else. */
    MERGED
  }

  public ReplicaRecord {
    ranges = List.copyOf(ranges);
  }

  static ReplicaRecord of(long replica, State state) {
    return new ReplicaRecord(replica, state, List.of());
  }

  byte[] encode() {
    ByteWriter out = new ByteWriter(64)
        .putByte(FORMAT)
        .putByte(STATES.indexOf(state))
        .putVarint(replica)
        .putVarint(ranges.size());
    ranges.forEach(range -> out.putBytes(range.start()).putBytes(range.end()));
    return out.putChecksum(0).toByteArray();
  }

  static ReplicaRecord decode(byte[] record) {
    ByteReader in = RegionMeta.open(record, "replica record");
    int state = in.takeByte();
    if (state >= STATES.size()) {
      throw in.damaged("state " + state + " is unknown to this build; run a newer one");
    }
    long replica = in.takeVarint();
    int count = in.takeCount();
    List<KeyRange> ranges = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      Bytes start = in.takeBytes();
      ranges.add(new KeyRange(start, in.takeBytes()));
    }
    return new ReplicaRecord(replica, STATES.get(state), ranges);
  }
}
