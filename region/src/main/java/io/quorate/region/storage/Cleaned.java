package io.quorate.region.storage;

import io.quorate.region.mvcc.ByteReader;
import io.quorate.region.mvcc.ByteWriter;

/**
 * How far the old versions of one replica's region have been removed; kept in the family {@code meta} under kind {@code h}, and
 * sent with snapshots, of whose data it tells.
 *
 * @param upTo no key of the region has more than one version at or below it, and that one is no tombstone
 * @param notedFrom changes above it are all noted under the region's own id, on this store; those up to it may stand under
 *     other ids, or nowhere here
 */
public record Cleaned(long upTo, long notedFrom) {
  /** Of a region that begins empty. */
  static final Cleaned EMPTY = new Cleaned(0, 0);

  private static final int FORMAT = 1;

  /** Whether the changes that are still to be worked off are not all noted here: then all keys must be looked at. */
  boolean needsScan() {
    return upTo < notedFrom;
  }

  /** Where the changes under the region's own id are whole: above this revision. */
  long wholeAbove() {
    return Math.max(upTo, notedFrom);
  }

  byte[] encode() {
    return new ByteWriter(24)
        .putByte(FORMAT)
        .putVarint(upTo)
        .putVarint(notedFrom)
        .putChecksum(0)
        .toByteArray();
  }

  static Cleaned decode(byte[] record) {
    ByteReader in = new ByteReader(record, "record of what is cleaned").checkWhole();
    int format = in.takeByte();
    if (format != FORMAT) {
      throw in.damaged("format " + format + " is unknown to this build; run a newer one");
    }
    return new Cleaned(in.takeVarint(), in.takeVarint());
  }
}
