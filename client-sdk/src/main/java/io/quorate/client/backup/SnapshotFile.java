package io.quorate.client.backup;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A snapshot in one file, as it is streamed: head, blocks as of {@link BackupBlock} in key order, end, zeros up to a multiple of
 * 512 bytes, SHA-256 of all before it. The last two make it what etcd's tools expect of a snapshot (etcdctl snapshot save looks at
 * the length alone). Pure.
 */
public final class SnapshotFile {
  private static final byte[] MAGIC = {'Q', 'U', 'O', 'R', 'S', 'N', 'A', 1};

  /** Length of the head. */
  public static final int HEAD_BYTES = 32;

  /** Stands where the length of a block would. */
  public static final int END = -1;

  /** Length of the end, without the zeros behind it. */
  public static final int END_BYTES = 12;

  /** Length of the sum. */
  public static final int SUM_BYTES = 32;

  private static final int UNIT_BYTES = 512;

  /**
   * What a snapshot says of itself first.
   *
   * @param clusterId whose it is
   * @param revision as of which
   * @param takenMillis by a wall clock, for people
   */
  public record Head(long clusterId, long revision, long takenMillis) {
    public byte[] encode() {
      return ByteBuffer.allocate(HEAD_BYTES)
          .put(MAGIC)
          .putLong(clusterId)
          .putLong(revision)
          .putLong(takenMillis)
          .array();
    }

    /** Throws {@link BackupException} for bytes that begin no snapshot. */
    public static Head decode(byte[] bytes) {
      ByteBuffer in = ByteBuffer.wrap(bytes);
      byte[] magic = new byte[MAGIC.length];
      if (bytes.length == HEAD_BYTES) {
        in.get(magic);
      }
      if (!Arrays.equals(magic, MAGIC)) {
        throw new BackupException("this is no snapshot, or one of another format than this build"
            + " reads: a snapshot of etcd's own cannot be restored here");
      }
      return new Head(in.getLong(), in.getLong(), in.getLong());
    }
  }

  private SnapshotFile() {}

  /**
   * The end of a snapshot and the zeros behind it.
   *
   * @param before bytes before it
   * @param keys in all blocks
   */
  public static byte[] end(long before, long keys) {
    long length = before + END_BYTES;
    int zeros = (int) ((UNIT_BYTES - length % UNIT_BYTES) % UNIT_BYTES);
    return ByteBuffer.allocate(END_BYTES + zeros).putInt(END).putLong(keys).array();
  }
}
