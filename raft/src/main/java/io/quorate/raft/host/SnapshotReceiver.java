package io.quorate.raft.host;

import com.alipay.sofa.jraft.entity.RaftOutter.SnapshotMeta;
import com.google.protobuf.ByteString;
import io.quorate.proto.SnapshotFile;
import io.quorate.proto.SnapshotPiece;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** Writes the pieces of one snapshot into files and checks them; owned by one fetch, on its thread. */
final class SnapshotReceiver implements AutoCloseable {
  private static final int BUFFER = 256 << 10;

  private final Path directory;
  private final Function<byte[], Optional<String>> refusal;
  private final Deque<SnapshotFile> expected = new ArrayDeque<>();
  private @Nullable SnapshotMeta meta;
  private byte[] description = new byte[0];
  private boolean listed;
  private @Nullable SnapshotFile current;
  private @Nullable OutputStream out;
  private CRC32C crc = new CRC32C();
  private long written;
  private long bytes;

  /**
   * @param refusal asked of the snapshot's description before any file is taken
   */
  SnapshotReceiver(Path directory, Function<byte[], Optional<String>> refusal) {
    this.directory = directory;
    this.refusal = refusal;
  }

  /**
   * Takes the next piece.
   *
   * @throws IllegalStateException if the snapshot may not come in, or comes damaged
   */
  void take(SnapshotPiece piece) {
    try {
      switch (piece.getWhatCase()) {
        case HEAD -> {
          meta = SnapshotMeta.parseFrom(piece.getHead().getMeta());
          description = piece.getHead().getDescription().toByteArray();
          refusal.apply(description).ifPresent(why -> {
            throw new IllegalStateException(why);
          });
        }
        case FILES -> begin(piece.getFiles().getFilesList());
        case DATA -> write(piece.getData());
        case WHAT_NOT_SET ->
          throw new IllegalStateException("a piece of a snapshot that this build does not know");
      }
    } catch (IOException e) {
      throw new IllegalStateException("snapshot not written: " + e.getMessage(), e);
    }
  }

  private void begin(List<SnapshotFile> files) throws IOException {
    if (meta == null || listed) {
      throw new IllegalStateException("the snapshot's pieces come out of order");
    }
    listed = true;
    Files.createDirectories(directory);
    expected.addAll(files);
    next();
  }

  private void next() throws IOException {
    while (current == null && !expected.isEmpty()) {
      SnapshotFile file = expected.remove();
      Path place = directory.resolve(file.getName()).normalize();
      if (!directory.equals(place.getParent())) {
        throw new IllegalStateException("a file of a snapshot has the name " + file.getName());
      }
      out = Files.newOutputStream(place);
      current = file;
      crc = new CRC32C();
      written = 0;
      endIfWhole(file);
    }
  }

  private void write(ByteString data) throws IOException {
    SnapshotFile file = current;
    OutputStream to = out;
    if (file == null || to == null || written + data.size() > file.getBytes()) {
      throw new IllegalStateException("the snapshot has more bytes than it said");
    }
    crc.update(data.asReadOnlyByteBuffer());
    data.writeTo(to);
    written += data.size();
    bytes += data.size();
    endIfWhole(file);
    next();
  }

  private void endIfWhole(SnapshotFile file) throws IOException {
    if (written < file.getBytes()) {
      return;
    }
    close();
    if ((int) crc.getValue() != file.getCrc()) {
      throw new IllegalStateException("file " + file.getName() + " came damaged");
    }
    current = null;
  }

  /** What came, if all came. */
  SnapshotMeta finish() {
    SnapshotMeta whole = meta;
    if (whole == null || !listed || current != null || !expected.isEmpty()) {
      throw new IllegalStateException("the snapshot ended before it was whole");
    }
    return whole;
  }

  byte[] description() {
    return description.clone();
  }

  long bytes() {
    return bytes;
  }

  @Override
  public void close() throws IOException {
    OutputStream open = out;
    out = null;
    if (open != null) {
      open.close();
    }
  }

  static int crc(Path file) throws IOException {
    CRC32C crc = new CRC32C();
    byte[] buffer = new byte[BUFFER];
    try (var in = Files.newInputStream(file)) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        crc.update(buffer, 0, read);
      }
    }
    return (int) crc.getValue();
  }

  /** Deletes a directory with all in it, if it is there. */
  static void delete(Path directory) {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> walk = Files.walk(directory)) {
      List<Path> all = new ArrayList<>(walk.collect(Collectors.toList()));
      for (int i = all.size() - 1; i >= 0; i--) {
        Files.deleteIfExists(all.get(i));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("snapshot files " + directory + " not deleted", e);
    }
  }
}
