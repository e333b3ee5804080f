package io.quorate.raft.host;

import com.alipay.sofa.jraft.entity.RaftOutter.SnapshotMeta;
import com.google.protobuf.ByteString;
import io.quorate.proto.SnapshotFile;
import io.quorate.proto.SnapshotFiles;
import io.quorate.raft.GroupId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One snapshot on offer: held on to from the moment a replica was found to need it, its files written when the first one
 * fetches it. Owned by the {@link RangeExchange}, which guards {@link #users}, {@link #fetched} and {@link
 * #lastUsedNanos}.
 */
final class OutgoingSnapshot {
  private final GroupId group;
  private final long number;
  private final SnapshotMeta meta;
  private final byte[] description;
  private final RangeSnapshots.Pinned pinned;
  private final Path directory;
  private @Nullable SnapshotFiles files;
  private boolean closed;
  private boolean released;
  private volatile boolean spoiled;
  int users;
  boolean fetched;
  long lastUsedNanos;

  OutgoingSnapshot(
      GroupId group, long number, SnapshotMeta meta, RangeSnapshots.Pinned pinned, Path directory) {
    this.group = group;
    this.number = number;
    this.meta = meta;
    this.description = pinned.description();
    this.pinned = pinned;
    this.directory = directory;
  }

  GroupId group() {
    return group;
  }

  long number() {
    return number;
  }

  long index() {
    return meta.getLastIncludedIndex();
  }

  SnapshotMeta meta() {
    return meta;
  }

  /** Whether who begins with it can go on from there, as far as the machine knows by now. */
  boolean suffices(RangeSnapshots ranges) {
    return ranges.suffices(description);
  }

  ByteString description() {
    return ByteString.copyFrom(description);
  }

  Path directory() {
    return directory;
  }

  /** Its files, written now if they were not before; waits for the disk. */
  synchronized SnapshotFiles files() throws Exception {
    if (files != null) {
      return files;
    }
    if (closed || released) {
      throw new IllegalStateException("the snapshot is gone");
    }
    boolean whole = false;
    try {
      Files.createDirectories(directory);
      pinned.write(directory);
      SnapshotFiles built = list();
      files = built;
      whole = true;
      return built;
    } finally {
      spoiled = !whole;
      release();
    }
  }

  private SnapshotFiles list() throws IOException {
    SnapshotFiles.Builder all = SnapshotFiles.newBuilder();
    try (Stream<Path> found = Files.list(directory)) {
      for (Path file : found.sorted().toList()) {
        all.addFiles(SnapshotFile.newBuilder()
            .setName(file.getFileName().toString())
            .setBytes(Files.size(file))
            .setCrc(SnapshotReceiver.crc(file)));
      }
    }
    return all.build();
  }

  /** Whether its files could not be written: it will never be whole, another one must take its place. */
  boolean spoiled() {
    return spoiled;
  }

  private void release() {
    if (!released) {
      released = true;
      pinned.close();
    }
  }

  synchronized void close() {
    closed = true;
    release();
    SnapshotReceiver.delete(directory);
  }

  static long bytes(SnapshotFiles files) {
    return sizes(files).stream().mapToLong(Long::longValue).sum();
  }

  private static List<Long> sizes(SnapshotFiles files) {
    return files.getFilesList().stream().map(SnapshotFile::getBytes).toList();
  }
}
