package io.quorate.region.host;

import io.quorate.model.RegionEpoch;
import io.quorate.model.RegionId;
import io.quorate.region.mvcc.ByteReader;
import io.quorate.region.mvcc.ByteWriter;
import java.util.List;

/**
 * What stores say to each other about a merge. None of them decides anything: they may be lost, late or doubled.
 *
 * @param kind what it says
 * @param left the region whose log decides
 * @param generation of the merge
 * @param right the region that freezes
 * @param epoch of the right one, as it shall freeze
 */
record MergeWord(Kind kind, RegionId left, long generation, RegionId right, RegionEpoch epoch) {
  private static final int FORMAT = 1;

  // The places in this list are what is sent: they never change, new kinds come last.
  private static final List<Kind> KINDS = List.of(
      Kind.ARE_YOU_READY, Kind.READY, Kind.FREEZE, Kind.FROZEN, Kind.HOW_DID_IT_END, Kind.ABORTED);

  /** What is said. */
  enum Kind {
    /** The left one's leader: is the merge begun there, and the right one there? */
    ARE_YOU_READY,
    /** It is. */
    READY,
    /** The left one's leader: have the right one frozen, and say so. */
    FREEZE,
    /** Begun and frozen here, and both on disk. */
    FROZEN,
    /** The right one's leader: what has the left one's log decided? */
    HOW_DID_IT_END,
    /** It has aborted. */
    ABORTED
  }

  MergeWord as(Kind other) {
    return new MergeWord(other, left, generation, right, epoch);
  }

  byte[] encode() {
    return new ByteWriter(48)
        .putByte(FORMAT)
        .putByte(KINDS.indexOf(kind))
        .putVarint(left.value())
        .putVarint(generation)
        .putVarint(right.value())
        .putVarint(epoch.version())
        .putVarint(epoch.membership())
        .putChecksum(0)
        .toByteArray();
  }

  /**
   * Reads a word.
   *
   * @throws IllegalStateException if it is damaged, or of a format that this build does not know
   */
  static MergeWord decode(byte[] word) {
    ByteReader in = new ByteReader(word, "word of a merge").checkWhole();
    int format = in.takeByte();
    int kind = in.takeByte();
    if (format != FORMAT || kind >= KINDS.size()) {
      throw in.damaged(
          "format " + format + ", kind " + kind + " is unknown to this build; run a newer one");
    }
    return new MergeWord(
        KINDS.get(kind),
        new RegionId(in.takeVarint()),
        in.takeVarint(),
        new RegionId(in.takeVarint()),
        new RegionEpoch(in.takeVarint(), in.takeVarint()));
  }
}
