package io.quorate.cli.backup;

import io.quorate.client.KeyValue;
import io.quorate.client.backup.BackupBlock;
import io.quorate.client.backup.BackupException;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/** The directory of a backup. Its user's; files may be written and read by several threads, each by one. */
final class BackupStore implements BackupSource {
  private static final int BUFFER_BYTES = 1 << 20;

  private final Path directory;

  private BackupStore(Path directory) {
    this.directory = directory;
  }

  /** A new one, in a directory that is empty or not there. */
  static BackupStore create(Path directory) {
    try {
      Files.createDirectories(directory);
      try (Stream<Path> found = Files.list(directory)) {
        if (found.findAny().isPresent()) {
          throw new BackupException(
              directory + " is not empty: a backup wants a directory of its own");
        }
      }
      return new BackupStore(directory);
    } catch (IOException e) {
      throw new BackupException("cannot write to " + directory + ": " + e, e);
    }
  }

  /** One that is whole: everything the manifest names is there, with the right checksum. */
  static BackupStore open(Path directory) {
    return new BackupStore(directory);
  }

  @Override
  public Manifest manifest() {
    try {
      return Manifest.decode(Files.readString(directory.resolve(Manifest.NAME)));
    } catch (NoSuchFileException e) {
      throw new BackupException(
          directory + " is no backup, or one that was not finished: it has no " + Manifest.NAME, e);
    } catch (IOException e) {
      throw new BackupException("cannot read " + directory + ": " + e, e);
    }
  }

  @Override
  public void verify(Manifest.BackupFile file) {
    Path path = directory.resolve(file.name());
    CRC32C sum = new CRC32C();
    long bytes = 0;
    try (InputStream in = Files.newInputStream(path)) {
      byte[] buffer = new byte[BUFFER_BYTES];
      for (int read; (read = in.read(buffer)) > 0; bytes += read) {
        sum.update(buffer, 0, read);
      }
    } catch (IOException e) {
      throw new BackupException("the backup lacks " + file.name() + ": " + e, e);
    }
    if (bytes != file.bytes() || sum.getValue() != file.checksum()) {
      throw new BackupException("file " + file.name() + " of the backup is damaged: it has " + bytes
          + " bytes of " + file.bytes() + ", or another checksum");
    }
  }

  @Override
  public void read(Manifest.BackupFile file, Consumer<List<KeyValue>> each) {
    try (DataInputStream in = new DataInputStream(new BufferedInputStream(
        Files.newInputStream(directory.resolve(file.name())), BUFFER_BYTES))) {
      byte[] magic = BackupBlock.magic();
      if (!Arrays.equals(in.readNBytes(magic.length), magic)) {
        throw new BackupException(
            file.name() + " is no file of a backup, or of another format than this build reads");
      }
      while (true) {
        Optional<List<KeyValue>> block = BlockReader.next(in, file.name(), 0);
        if (block.isEmpty()) {
          return;
        }
        each.accept(block.get());
      }
    } catch (EOFException e) {
      throw new BackupException(file.name() + " ends too early", e);
    } catch (IOException e) {
      throw new BackupException("cannot read " + file.name() + ": " + e, e);
    }
  }

  /** Begins a file. */
  Writer write(String name) {
    try {
      return new Writer(name, directory.resolve(name));
    } catch (IOException e) {
      throw new BackupException("cannot write " + name + ": " + e, e);
    }
  }

  /** Makes a backup of what was written: on disk on return. */
  void finish(Manifest manifest) {
    Path draft = directory.resolve(Manifest.NAME + ".tmp");
    try {
      try (FileChannel out =
          FileChannel.open(draft, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        writeFully(out, manifest.encode().getBytes(StandardCharsets.UTF_8));
        out.force(true);
      }
      Files.move(draft, directory.resolve(Manifest.NAME), StandardCopyOption.ATOMIC_MOVE);
      try (FileChannel names = FileChannel.open(directory, StandardOpenOption.READ)) {
        names.force(true);
      }
    } catch (IOException e) {
      throw new BackupException("cannot finish the backup: " + e, e);
    }
  }

  private static void writeFully(FileChannel out, byte[] bytes) throws IOException {
    ByteBuffer left = ByteBuffer.wrap(bytes);
    while (left.hasRemaining()) {
      int unused = out.write(left);
    }
  }

  /** One file while it is written. One thread. */
  static final class Writer implements AutoCloseable {
    private final String name;
    private final FileChannel out;
    private final CRC32C sum = new CRC32C();
    private long keys;
    private long bytes;

    Writer(String name, Path path) throws IOException {
      this.name = name;
      this.out = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      append(BackupBlock.magic());
    }

    private void append(byte[] written) throws IOException {
      writeFully(out, written);
      sum.update(written);
      bytes += written.length;
    }

    /** Adds keys; returns the bytes they take. */
    long add(List<KeyValue> kvs) {
      byte[] block = BackupBlock.encode(kvs);
      try {
        append(block);
      } catch (IOException e) {
        throw new BackupException("cannot write " + name + ": " + e, e);
      }
      keys += kvs.size();
      return block.length;
    }

    /** On disk on return. */
    Manifest.BackupFile finish() {
      try {
        out.force(true);
        return new Manifest.BackupFile(name, Manifest.BackupFile.KEYS, keys, bytes, sum.getValue());
      } catch (IOException e) {
        throw new BackupException("cannot write " + name + ": " + e, e);
      }
    }

    @Override
    public void close() {
      try {
        out.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
