package io.quorate.raft.host;

import com.alipay.sofa.jraft.entity.RaftOutter.SnapshotMeta;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A range snapshot on offer to another replica, or fetched and about to be installed; owned by jraft until it closes it. */
final class RangeReader extends FilelessReader {
  private final String uri;
  private final @Nullable Path files;
  private final byte[] description;

  private RangeReader(SnapshotMeta meta, String uri, @Nullable Path files, byte[] description) {
    super(meta);
    this.uri = uri;
    this.files = files;
    this.description = description;
  }

  /** At the leader. */
  static RangeReader offered(SnapshotMeta meta, String uri) {
    return new RangeReader(meta, uri, null, new byte[0]);
  }

  /** At the receiver. */
  static RangeReader fetched(SnapshotMeta meta, Path files, byte[] description) {
    return new RangeReader(meta, "", files, description);
  }

  Path files() {
    if (files == null) {
      throw new IllegalStateException("a snapshot on offer is not installed");
    }
    return files;
  }

  byte[] description() {
    return description;
  }

  @Override
  public String generateURIForCopy() {
    return uri;
  }

  /** What is on offer is kept for retries; what was fetched is deleted by the install. */
  @Override
  public void close() {}
}
