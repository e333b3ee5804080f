package io.quorate.raft.host;

import com.alipay.sofa.jraft.entity.RaftOutter.SnapshotMeta;
import com.alipay.sofa.jraft.storage.snapshot.SnapshotReader;
import com.google.protobuf.Message;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A snapshot that jraft knows by its meta alone: it has no files that jraft would list or copy. Owned by jraft until it closes it. */
abstract class FilelessReader extends SnapshotReader {
  private final SnapshotMeta meta;

  FilelessReader(SnapshotMeta meta) {
    this.meta = meta;
  }

  @Override
  public SnapshotMeta load() {
    return meta;
  }

  @Override
  public boolean init(@Nullable Void options) {
    return true;
  }

  @Override
  public void shutdown() {}

  @Override
  public String getPath() {
    return "index " + meta.getLastIncludedIndex();
  }

  @Override
  public Set<String> listFiles() {
    return Set.of();
  }

  @Override
  public @Nullable Message getFileMeta(String fileName) {
    return null;
  }
}
