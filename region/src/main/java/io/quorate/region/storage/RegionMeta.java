package io.quorate.region.storage;

import com.google.protobuf.InvalidProtocolBufferException;
import io.quorate.model.Bytes;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionId;
import io.quorate.model.Wire;
import io.quorate.region.mvcc.ByteReader;
import io.quorate.region.mvcc.ByteWriter;

/** How the family {@code meta} is written: {@code kind ‖ region id → format ‖ fields ‖ checksum}. Stateless. */
final class RegionMeta {
  static final byte DESCRIPTOR = 'd';
  static final byte APPLIED = 'a';
  static final byte FLOOR = 'f';
  static final byte TOMBSTONE = 't';
  static final byte LINEAGE = 'l';
  static final byte REPLICA = 'r';
  static final byte CLEANED = 'h';
  static final byte MERGE = 'm';
  static final byte MIN_START = 's';

  /** Kinds that are the region's replicated state and travel with its snapshots. */
  static final byte[] STATE = {DESCRIPTOR, APPLIED, FLOOR, LINEAGE, CLEANED, MERGE, MIN_START};

  static final int FORMAT = 1;
  private static final int KEY_BYTES = 9;

  private RegionMeta() {}

  /**
   * How far a region has come.
   *
   * @param index last entry applied
   * @param term its term
   * @param lastStamp greatest stamp judged so far
   */
  record Position(long index, long term, long lastStamp) {}

  static byte[] key(byte kind, RegionId region) {
    return new ByteWriter(KEY_BYTES).putByte(kind).putLong(region.value()).toByteArray();
  }

  static RegionId region(byte[] key) {
    ByteReader in = new ByteReader(key, "meta key");
    in.takeByte();
    return new RegionId(in.takeLong());
  }

  static byte[] descriptor(RegionDescriptor descriptor) {
    return new ByteWriter(64)
        .putByte(FORMAT)
        .putRaw(Bytes.wrap(Wire.region(descriptor).toByteArray()))
        .putChecksum(0)
        .toByteArray();
  }

  static RegionDescriptor descriptor(byte[] record) {
    ByteReader in = open(record, "region descriptor");
    try {
      return Wire.region(
          io.quorate.proto.RegionDescriptor.parseFrom(in.takeRest().unsafeArray()));
    } catch (InvalidProtocolBufferException e) {
      throw in.damaged(String.valueOf(e.getMessage()));
    }
  }

  static byte[] position(Position position) {
    return new ByteWriter(32)
        .putByte(FORMAT)
        .putVarint(position.index())
        .putVarint(position.term())
        .putVarint(position.lastStamp())
        .putChecksum(0)
        .toByteArray();
  }

  static Position position(byte[] record) {
    ByteReader in = open(record, "applied position");
    return new Position(in.takeVarint(), in.takeVarint(), in.takeVarint());
  }

  static byte[] number(long number) {
    return new ByteWriter(16).putByte(FORMAT).putVarint(number).putChecksum(0).toByteArray();
  }

  static long number(byte[] record, String what) {
    return open(record, what).takeVarint();
  }

  static ByteReader open(byte[] record, String what) {
    ByteReader in = new ByteReader(record, what).checkWhole();
    int format = in.takeByte();
    if (format != FORMAT) {
      throw in.damaged("format " + format + " is unknown to this build; run a newer one");
    }
    return in;
  }
}
