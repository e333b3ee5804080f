package io.quorate.region.storage;

import io.quorate.model.Bytes;
import io.quorate.model.RegionDescriptor;
import io.quorate.region.command.MergeState;
import io.quorate.region.mvcc.ByteReader;
import io.quorate.region.mvcc.ByteWriter;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The small part of a range snapshot: the region's records of family {@code meta}, by kind. It is read before the files come.
 *
 * @param records as stored
 */
record SnapshotDescription(Map<Byte, Bytes> records) {
  private static final int FORMAT = 1;

  SnapshotDescription {
    records = Map.copyOf(records);
  }

  byte[] encode() {
    ByteWriter out = new ByteWriter(256).putByte(FORMAT).putVarint(records.size());
    new TreeMap<>(records).forEach((kind, record) -> out.putByte(kind).putBytes(record));
    return out.putChecksum(0).toByteArray();
  }

  static SnapshotDescription decode(byte[] description) {
    ByteReader in = RegionMeta.open(description, "snapshot description");
    int count = in.takeCount();
    Map<Byte, Bytes> records = new TreeMap<>();
    for (int i = 0; i < count; i++) {
      byte kind = (byte) in.takeByte();
      records.put(kind, in.takeBytes());
    }
    return new SnapshotDescription(records);
  }

  RegionDescriptor descriptor() {
    return RegionMeta.descriptor(need(RegionMeta.DESCRIPTOR));
  }

  RegionMeta.Position position() {
    return RegionMeta.position(need(RegionMeta.APPLIED));
  }

  MergeState merges() {
    @Nullable Bytes record = records.get(RegionMeta.MERGE);
    return MergeRecord.decode(record == null ? null : record.toByteArray());
  }

  private byte[] need(byte kind) {
    @Nullable Bytes record = records.get(kind);
    if (record == null) {
      throw new IllegalStateException("a snapshot lacks the record " + (char) kind);
    }
    return record.toByteArray();
  }
}
