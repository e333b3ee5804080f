package io.quorate.region.storage;

import io.quorate.region.mvcc.ByteReader;
import io.quorate.region.mvcc.ByteWriter;

/**
 * What is left of a region's replica that was removed from here for good; one per region.
 *
 * @param replica its id: this one and smaller ones never come back
 * @param membership the epoch that did without it, as far as was known
 */
public record Tombstone(long replica, long membership) {
  /** As a replica's id: the region itself is no more. */
  static final long EVERY_REPLICA = Long.MAX_VALUE;

  private static final int FORMAT = 1;

  byte[] encode() {
    return new ByteWriter(16)
        .putByte(FORMAT)
        .putVarint(replica)
        .putVarint(membership)
        .putChecksum(0)
        .toByteArray();
  }

  static Tombstone decode(byte[] record) {
    ByteReader in = RegionMeta.open(record, "tombstone");
    return new Tombstone(in.takeVarint(), in.takeVarint());
  }
}
