package io.quorate.client;

import io.quorate.model.Bytes;

/**
 * One version of a key.
 *
 * @param key the key
 * @param value the value; empty in answers that carry keys only
 * @param createRevision of the write that made the key, after its last deletion
 * @param modRevision of the write that made this version
 * @param version 1 for the first since the creation, then 2, …
 * @param lease attached lease; 0 if none
 */
public record KeyValue(
    Bytes key, Bytes value, long createRevision, long modRevision, long version, long lease) {
  /** Of what a store answered. */
  public static KeyValue of(io.quorate.proto.KeyValue message) {
    return new KeyValue(
        Bytes.of(message.getKey()),
        Bytes.of(message.getValue()),
        message.getCreateRevision(),
        message.getModRevision(),
        message.getVersion(),
        message.getLease());
  }

  io.quorate.proto.KeyValue message() {
    return io.quorate.proto.KeyValue.newBuilder()
        .setKey(key.toByteString())
        .setValue(value.toByteString())
        .setCreateRevision(createRevision)
        .setModRevision(modRevision)
        .setVersion(version)
        .setLease(lease)
        .build();
  }

  /** The same under another lease. */
  public KeyValue withLease(long other) {
    return new KeyValue(key, value, createRevision, modRevision, version, other);
  }

  /** The same without its value. */
  public KeyValue withoutValue() {
    return new KeyValue(key, Bytes.EMPTY, createRevision, modRevision, version, lease);
  }
}
