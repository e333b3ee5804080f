package io.quorate.cli.backup;

import io.quorate.client.KeyValue;
import io.quorate.client.backup.BackupBlock;
import io.quorate.client.backup.BackupException;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/** Reads blocks one after the other. Stateless; on the thread of its caller, which it blocks. */
final class BlockReader {
  private BlockReader() {}

  /**
   * The next block's keys; nothing at the end of the input, or where {@code end} stands for a length.
   *
   * @param name of what is read, for the error
   */
  static Optional<List<KeyValue>> next(DataInputStream in, String name, int end)
      throws IOException {
    byte[] length = in.readNBytes(Integer.BYTES);
    if (length.length == 0) {
      return Optional.empty();
    }
    int bytes = length.length < Integer.BYTES
        ? Integer.MIN_VALUE
        : ByteBuffer.wrap(length).getInt();
    if (bytes == end && end < 0) {
      return Optional.empty();
    }
    if (bytes < 0 || bytes > BackupBlock.MAX_BYTES) {
      throw new BackupException(name + " is damaged");
    }
    byte[] block = new byte[bytes + BackupBlock.FRAME_BYTES];
    System.arraycopy(length, 0, block, 0, Integer.BYTES);
    in.readFully(block, Integer.BYTES, block.length - Integer.BYTES);
    return Optional.of(BackupBlock.decode(block));
  }
}
