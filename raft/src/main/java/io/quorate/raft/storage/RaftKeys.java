package io.quorate.raft.storage;

import io.quorate.raft.GroupId;

/**
 * Keys of the families {@code log} and {@code raft}: a group's 8 bytes first, big-endian, so that a group is one range in
 * each.
 */
final class RaftKeys {
  /** Term and vote. */
  static final byte HARD_STATE = 1;

  /** First index of the log. */
  static final byte BOUNDS = 2;

  /** Where the state machine's durable state stands. */
  static final byte SNAPSHOT = 3;

  /** A copy of each configuration entry of the log, so that a start need not read the log. */
  static final byte CONFIGURATION = 4;

  static final int GROUP_BYTES = Long.BYTES;
  static final int LOG_KEY_BYTES = 2 * Long.BYTES;

  private RaftKeys() {}

  static byte[] log(GroupId group, long index) {
    byte[] key = new byte[LOG_KEY_BYTES];
    putLong(key, 0, group.value());
    putLong(key, Long.BYTES, index);
    return key;
  }

  static byte[] raft(GroupId group, byte kind) {
    byte[] key = new byte[GROUP_BYTES + 1];
    putLong(key, 0, group.value());
    key[GROUP_BYTES] = kind;
    return key;
  }

  static byte[] configuration(GroupId group, long index) {
    byte[] key = new byte[GROUP_BYTES + 1 + Long.BYTES];
    putLong(key, 0, group.value());
    key[GROUP_BYTES] = CONFIGURATION;
    putLong(key, GROUP_BYTES + 1, index);
    return key;
  }

  /** First key of a group, in either family. */
  static byte[] start(GroupId group) {
    byte[] key = new byte[GROUP_BYTES];
    putLong(key, 0, group.value());
    return key;
  }

  /** First key behind a group, in either family. */
  static byte[] end(GroupId group) {
    return start(new GroupId(group.value() + 1));
  }

  static void putLong(byte[] target, int at, long value) {
    for (int i = 0; i < Long.BYTES; i++) {
      target[at + i] = (byte) (value >>> (8 * (Long.BYTES - 1 - i)));
    }
  }

  static long getLong(byte[] source, int at) {
    long value = 0;
    for (int i = 0; i < Long.BYTES; i++) {
      value = value << 8 | (source[at + i] & 0xFF);
    }
    return value;
  }
}
