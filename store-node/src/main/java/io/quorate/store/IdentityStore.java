package io.quorate.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The data directory of one store: its lock against a second process, and the file that says who the store is.
 *
 * <p>Owner: {@link StoreNode}, from its start to its end. Thread: the one that starts or closes the node.
 */
final class IdentityStore implements AutoCloseable {
  private static final String IDENTITY = "identity";
  private static final String LOCK = "LOCK";

  private final Path directory;
  private final FileChannel lockChannel;
  private final FileLock lock;

  private IdentityStore(Path directory, FileChannel lockChannel, FileLock lock) {
    this.directory = directory;
    this.lockChannel = lockChannel;
    this.lock = lock;
  }

  /**
   * Makes the directory if it is not there, and locks it.
   *
   * @throws StoreStartException if another process holds it, or it is no store's
   */
  static IdentityStore open(Path directory) {
    try {
      Files.createDirectories(directory);
      refuseForeign(directory);
      FileChannel channel = FileChannel.open(
          directory.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock lock = tryLock(channel);
      if (lock == null) {
        channel.close();
        throw new StoreStartException("data directory " + directory
            + " is in use by another process: stop that one first, or choose another --data-dir");
      }
      return new IdentityStore(directory, channel, lock);
    } catch (FileAlreadyExistsException e) {
      throw new StoreStartException(
          "data directory " + directory + " is a file: choose another --data-dir");
    } catch (IOException e) {
      throw new StoreStartException(
          "data directory " + directory + " cannot be used (" + e.getClass().getSimpleName()
              + "): check the path and its permissions, or choose another --data-dir");
    }
  }

  private static void refuseForeign(Path directory) throws IOException {
    if (Files.exists(directory.resolve(IDENTITY))) {
      return;
    }
    try (Stream<Path> files = Files.list(directory)) {
      Optional<Path> foreign = files
          .filter(file -> !file.getFileName().toString().equals(LOCK))
          .filter(file -> !file.getFileName().toString().startsWith(IDENTITY))
          .findFirst();
      if (foreign.isPresent()) {
        throw new StoreStartException("data directory " + directory + " holds "
            + foreign.get().getFileName() + " but no store's identity: choose an empty --data-dir");
      }
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  /** Where the node's database lies. */
  Path database() {
    return directory.resolve("db");
  }

  Path directory() {
    return directory;
  }

  /** The identity written here, if there is one. */
  Optional<StoreIdentity> read() {
    Path file = directory.resolve(IDENTITY);
    try {
      return Files.exists(file)
          ? Optional.of(StoreIdentity.decode(Files.readString(file), file.toString()))
          : Optional.empty();
    } catch (IOException e) {
      throw new StoreStartException(file + " cannot be read (" + e + "): check its permissions");
    }
  }

  /** Replaces the identity, durably and whole. */
  void write(StoreIdentity identity) {
    Path fresh = directory.resolve(IDENTITY + ".new");
    try {
      try (FileChannel out = FileChannel.open(
          fresh,
          StandardOpenOption.CREATE,
          StandardOpenOption.TRUNCATE_EXISTING,
          StandardOpenOption.WRITE)) {
        ByteBuffer bytes = ByteBuffer.wrap(identity.encode().getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
          out.write(bytes);
        }
        out.force(true);
      }
      Files.move(fresh, directory.resolve(IDENTITY), StandardCopyOption.ATOMIC_MOVE);
      try (FileChannel parent = FileChannel.open(directory, StandardOpenOption.READ)) {
        parent.force(true);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      lock.release();
      lockChannel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
