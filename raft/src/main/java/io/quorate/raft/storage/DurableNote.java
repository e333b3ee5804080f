package io.quorate.raft.storage;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A file beside the database that says up to which sequence number it was synced, and so must be readable for ever; owned by
 * {@link RaftDatabase}. Any thread; a write is one system call.
 *
 * <p>RocksDB cannot tell a record that a crash left half written from one that was damaged later: it cuts its write-ahead log
 * at both, and what was acknowledged behind the damage would be gone without a word. The note tells them apart. It is written
 * after the sync it tells of and never synced itself: whatever age of it a power failure leaves, it was true.
 */
final class DurableNote implements AutoCloseable {
  static final String FILE = "durable.note";
  private static final int BYTES = 2 * Long.BYTES;
  /** The second number is the first, turned by this: a note that does not fit itself is damaged. */
  private static final long TURNED = 0x51_75_6f_72_61_74_65_31L;

  private final RandomAccessFile file;
  private final ReentrantLock lock = new ReentrantLock();
  private final byte[] bytes = new byte[BYTES];
  private long noted;

  private DurableNote(RandomAccessFile file, long noted) {
    this.file = file;
    this.noted = noted;
  }

  /**
   * What the note in the directory says; 0 if there is none yet.
   *
   * @throws IllegalStateException in one line, if it is damaged
   */
  static long read(Path directory) throws IOException {
    Path path = directory.resolve(FILE);
    if (!Files.exists(path)) {
      return 0;
    }
    byte[] bytes = Files.readAllBytes(path);
    if (bytes.length == 0) {
      // A power failure between its making and its first writing.
      return 0;
    }
    if (bytes.length == BYTES) {
      ByteBuffer numbers = ByteBuffer.wrap(bytes);
      long sequence = numbers.getLong();
      long turned = numbers.getLong();
      if (sequence >= 0 && turned == (sequence ^ TURNED)) {
        return sequence;
      }
      if (sequence == 0 && turned == 0) {
        return 0;
      }
    }
    throw new IllegalStateException(
        path + " is damaged, so the disk is not to be trusted: start with an empty data directory");
  }

  static DurableNote open(Path directory, long noted) throws IOException {
    return new DurableNote(new RandomAccessFile(directory.resolve(FILE).toFile(), "rw"), noted);
  }

  /** All up to this sequence number was synced. */
  void synced(long sequence) throws IOException {
    lock.lock();
    try {
      if (sequence > noted) {
        ByteBuffer.wrap(bytes).putLong(sequence).putLong(sequence ^ TURNED);
        file.seek(0);
        file.write(bytes);
        noted = sequence;
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
