package io.quorate.raft.host;

import com.alipay.sofa.jraft.entity.RaftOutter.SnapshotMeta;
import com.alipay.sofa.jraft.storage.snapshot.SnapshotWriter;
import com.google.protobuf.Message;
import io.quorate.raft.GroupId;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One snapshot being taken; owned by the group's apply stage, then by jraft, which saves it. */
final class StateWriter extends SnapshotWriter {
  private final GroupSnapshots storage;
  private final GroupId group;
  private volatile byte @Nullable [] state;

  StateWriter(GroupSnapshots storage, GroupId group) {
    this.storage = storage;
    this.group = group;
  }

  /** The machine's whole state, if it is of the small kind. */
  void state(byte[] whole) {
    state = whole;
  }

  @Override
  public boolean saveMeta(SnapshotMeta meta) {
    return storage.save(meta, state);
  }

  @Override
  public boolean init(@Nullable Void options) {
    return true;
  }

  @Override
  public void shutdown() {}

  @Override
  public boolean addFile(String fileName, @Nullable Message fileMeta) {
    return true;
  }

  @Override
  public boolean removeFile(String fileName) {
    return true;
  }

  @Override
  public void close() {}

  @Override
  public void close(boolean keepDataOnError) {}

  @Override
  public String getPath() {
    return "group " + group;
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
