package io.quorate.client.backup;

import io.quorate.client.KeyValue;
import io.quorate.model.Bytes;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * How a backup's files hold keys: {@code length ‖ keys ‖ CRC-32C of both}, one block after the other; of a key {@code length ‖ key
 * ‖ length ‖ value ‖ create ‖ mod ‖ version ‖ lease}, numbers big-endian. Pure.
 */
public final class BackupBlock {
  private static final byte[] MAGIC = {'Q', 'U', 'O', 'R', 'A', 'T', 'E', 1};

  /** Of a block without its keys. */
  public static final int FRAME_BYTES = 8;

  /** A longer block is no block. */
  public static final int MAX_BYTES = 64 << 20;

  private BackupBlock() {}

  /** The first bytes of every file of blocks alone; the last of them is the format. */
  public static byte[] magic() {
    return MAGIC.clone();
  }

  /** A block; the keys must not be many: at most {@link #MAX_BYTES}. */
  public static byte[] encode(List<KeyValue> kvs) {
    int bytes = 0;
    for (KeyValue kv : kvs) {
      bytes += 8 + 32 + kv.key().length() + kv.value().length();
    }
    ByteBuffer out = ByteBuffer.allocate(bytes + FRAME_BYTES);
    out.putInt(bytes);
    for (KeyValue kv : kvs) {
      out.putInt(kv.key().length()).put(kv.key().unsafeArray());
      out.putInt(kv.value().length()).put(kv.value().unsafeArray());
      out.putLong(kv.createRevision())
          .putLong(kv.modRevision())
          .putLong(kv.version())
          .putLong(kv.lease());
    }
    out.putInt(checksum(out.array(), bytes + 4));
    return out.array();
  }

  /**
   * The keys of a block.
   *
   * @param block from its length on
   * @throws BackupException if it is damaged
   */
  public static List<KeyValue> decode(byte[] block) {
    ByteBuffer in = ByteBuffer.wrap(block);
    try {
      int bytes = in.getInt();
      if (bytes != block.length - FRAME_BYTES
          || in.getInt(4 + bytes) != checksum(block, 4 + bytes)) {
        throw new BackupException("a block is damaged: its checksum does not fit");
      }
      List<KeyValue> kvs = new ArrayList<>();
      while (in.position() < 4 + bytes) {
        Bytes key = bytes(in);
        Bytes value = bytes(in);
        kvs.add(new KeyValue(key, value, in.getLong(), in.getLong(), in.getLong(), in.getLong()));
      }
      return kvs;
    } catch (BufferUnderflowException | NegativeArraySizeException e) {
      throw new BackupException("a block is damaged: it ends too early", e);
    }
  }

  private static Bytes bytes(ByteBuffer in) {
    byte[] taken = new byte[Math.min(in.getInt(), in.remaining())];
    in.get(taken);
    return Bytes.wrap(taken);
  }

  private static int checksum(byte[] bytes, int length) {
    CRC32C sum = new CRC32C();
    sum.update(bytes, 0, length);
    return (int) sum.getValue();
  }
}
