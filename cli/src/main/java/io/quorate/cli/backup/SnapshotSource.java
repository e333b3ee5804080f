package io.quorate.cli.backup;

import io.quorate.client.KeyValue;
import io.quorate.client.backup.BackupException;
import io.quorate.client.backup.SnapshotFile;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** A snapshot in one file, as {@code etcdctl snapshot save} writes what a store streams. One thread. */
final class SnapshotSource implements BackupSource {
  private static final int BUFFER_BYTES = 1 << 20;

  private final Path file;

  SnapshotSource(Path file) {
    this.file = file;
  }

  @Override
  public Manifest manifest() {
    try (FileChannel in = FileChannel.open(file)) {
      SnapshotFile.Head head = SnapshotFile.Head.decode(
          bytes(in, 0, (int) Math.min(in.size(), SnapshotFile.HEAD_BYTES)));
      long keys = keys(in);
      return new Manifest(
          Manifest.FORMAT,
          Long.toHexString(head.clusterId()),
          head.revision(),
          head.takenMillis(),
          keys,
          List.of(),
          List.of(new Manifest.BackupFile(
              String.valueOf(file.getFileName()), Manifest.BackupFile.KEYS, keys, in.size(), 0)));
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /** The end stands before zeros, fewer than two units of them, and the sum. */
  private long keys(FileChannel in) throws IOException {
    long sum = in.size() - SnapshotFile.SUM_BYTES;
    int tail = (int) Math.min(1024, Math.max(0, sum));
    ByteBuffer last = ByteBuffer.wrap(bytes(in, sum - tail, tail));
    for (int at = tail - SnapshotFile.END_BYTES; at >= 0; at--) {
      if (last.getInt(at) == SnapshotFile.END) {
        return last.getLong(at + Integer.BYTES);
      }
    }
    throw new BackupException(file + " is no whole snapshot: it has no end");
  }

  private static byte[] bytes(FileChannel in, long from, int length) throws IOException {
    ByteBuffer into = ByteBuffer.allocate(length);
    int read = 0;
    while (into.hasRemaining() && read >= 0) {
      read = in.read(into, from + into.position());
    }
    return into.array();
  }

  @Override
  public void verify(Manifest.BackupFile all) {
    try (InputStream in = Files.newInputStream(file)) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      long left = all.bytes() - SnapshotFile.SUM_BYTES;
      byte[] buffer = new byte[BUFFER_BYTES];
      while (left > 0) {
        int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
        if (read <= 0) {
          break;
        }
        digest.update(buffer, 0, read);
        left -= read;
      }
      if (left != 0 || !Arrays.equals(digest.digest(), in.readAllBytes())) {
        throw new BackupException(
            file + " is damaged or was not received to its end: its checksum does not fit");
      }
    } catch (IOException e) {
      throw unreadable(e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void read(Manifest.BackupFile all, Consumer<List<KeyValue>> each) {
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES))) {
      in.skipNBytes(SnapshotFile.HEAD_BYTES);
      while (true) {
        Optional<List<KeyValue>> block = BlockReader.next(in, file.toString(), SnapshotFile.END);
        if (block.isEmpty()) {
          return;
        }
        each.accept(block.get());
      }
    } catch (EOFException e) {
      throw new BackupException(file + " ends too early", e);
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private BackupException unreadable(IOException e) {
    return new BackupException("cannot read " + file + ": " + e, e);
  }
}
