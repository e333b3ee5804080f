package io.quorate.placement.node;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A PD's data directory: the lock that keeps a second process out, and the file that says whose it is. Owned by the node;
 * the identity is changed by one thread at a time.
 */
final class IdentityStore implements AutoCloseable {
  private static final String LOCK_FILE = "LOCK";
  private static final String IDENTITY_FILE = "IDENTITY";

  private final Path dir;
  private final FileChannel lockChannel;
  private final FileLock lock;
  private Identity identity;

  private IdentityStore(Path dir, FileChannel lockChannel, FileLock lock, Identity identity) {
    this.dir = dir;
    this.lockChannel = lockChannel;
    this.lock = lock;
    this.identity = identity;
  }

  /**
   * Locks the directory and reads its identity, or gives it one.
   *
   * @param draw random numbers for a new identity
   */
  static IdentityStore open(PlacementConfig config, LongSupplier draw) {
    Path dir = config.dataDir();
    FileChannel channel = null;
    try {
      Files.createDirectories(dir);
      channel = FileChannel.open(
          dir.resolve(LOCK_FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock lock = tryLock(channel);
      if (lock == null) {
        throw new PlacementStartException("data directory " + dir
            + " is in use by another process: stop that one, or choose another --data-dir");
      }
      Identity identity = readOrMake(config, draw);
      return new IdentityStore(dir, channel, lock, identity);
    } catch (IOException e) {
      closeQuietly(channel);
      throw new PlacementStartException(
          "data directory " + dir + " cannot be used (" + e.getClass().getSimpleName()
              + "): check the path and its permissions, or choose another --data-dir");
    } catch (PlacementStartException e) {
      closeQuietly(channel);
      throw e;
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  private static Identity readOrMake(PlacementConfig config, LongSupplier draw) throws IOException {
    Path file = config.dataDir().resolve(IDENTITY_FILE);
    TreeSet<Long> members = new TreeSet<>(config.members().keySet());
    members.add(config.memberId());
    if (!Files.exists(file)) {
      requireEmpty(config.dataDir());
      long group = members.size() == 1 ? draw.getAsLong() : hash(config.members());
      Identity made = new Identity(
          config.memberId(), draw.getAsLong(), group, members, false, Optional.empty());
      write(file, made);
      return made;
    }
    Properties properties = new Properties();
    try (InputStream in = Files.newInputStream(file)) {
      properties.load(in);
    }
    Identity identity = Identity.of(properties, file.toString());
    if (identity.member() != config.memberId()) {
      throw new PlacementStartException(
          "data directory " + config.dataDir() + " belongs to PD member " + identity.member()
              + ", this is member " + config.memberId() + ": give each member its own --data-dir");
    }
    if (!identity.members().equals(members)) {
      throw new PlacementStartException(
          "data directory " + config.dataDir() + " belongs to a PD group of members "
              + Identity.joined(identity.members()) + ", but the configured members are "
              + Identity.joined(members)
              + ": start it with the member list it was made with");
    }
    return identity;
  }

  private static void requireEmpty(Path dir) throws IOException {
    try (Stream<Path> files = Files.list(dir)) {
      Optional<Path> stranger = files
          .filter(file -> !file.getFileName().toString().startsWith(LOCK_FILE))
          .filter(file -> !file.getFileName().toString().startsWith(IDENTITY_FILE))
          .findFirst();
      if (stranger.isPresent()) {
        throw new PlacementStartException("data directory " + dir + " holds '"
            + stranger.get().getFileName() + "' and is no PD's: choose an empty --data-dir");
      }
    }
  }

  /** The first eight bytes of SHA-256 over the member list in order of ids, never 0. */
  static long hash(Map<Long, String> members) {
    StringBuilder text = new StringBuilder();
    new TreeMap<>(members)
        .forEach((id, address) -> text.append(id).append('=').append(address).append(','));
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256")
          .digest(text.toString().getBytes(StandardCharsets.UTF_8));
      return ByteBuffer.wrap(digest).getLong() | 1;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  synchronized Identity identity() {
    return identity;
  }

  /** Durable on return. */
  synchronized void replace(Identity changed) {
    try {
      write(dir.resolve(IDENTITY_FILE), changed);
      identity = changed;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(Path file, Identity identity) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    identity.toProperties().store(bytes, "Whose data this is. Do not edit, do not copy.");
    Path fresh = file.resolveSibling(IDENTITY_FILE + ".new");
    try (FileChannel out = FileChannel.open(
        fresh,
        StandardOpenOption.CREATE,
        StandardOpenOption.TRUNCATE_EXISTING,
        StandardOpenOption.WRITE)) {
      ByteBuffer content = ByteBuffer.wrap(bytes.toByteArray());
      while (content.hasRemaining()) {
        out.write(content);
      }
      out.force(true);
    }
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    Path parent = file.getParent();
    if (parent != null) {
      try (FileChannel directory = FileChannel.open(parent, StandardOpenOption.READ)) {
        directory.force(true);
      }
    }
  }

  @Override
  public void close() {
    try {
      lock.release();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      closeQuietly(lockChannel);
    }
  }

  private static void closeQuietly(@Nullable FileChannel channel) {
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
