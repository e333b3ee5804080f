package io.quorate.raft.host;

import com.alipay.sofa.jraft.entity.RaftOutter.SnapshotMeta;
import com.alipay.sofa.jraft.storage.snapshot.SnapshotReader;
import com.google.protobuf.Message;
import io.quorate.raft.storage.PeerIds;
import io.quorate.raft.storage.SnapshotRecord;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One snapshot being loaded here or sent to another replica; owned by jraft until it closes it. */
final class StateReader extends SnapshotReader {
  private final SnapshotRecord snapshot;
  private final SnapshotMeta meta;
  private final Optional<byte[]> state;
  private final StateExchange exchange;
  private long offer;

  StateReader(
      SnapshotRecord snapshot, PeerIds peers, Optional<byte[]> state, StateExchange exchange) {
    this.snapshot = snapshot;
    this.meta = SnapshotMetas.toMeta(snapshot, peers);
    this.state = state;
    this.exchange = exchange;
  }

  /** The whole state; empty for machines that keep their own, and for a seeded group that was never saved. */
  Optional<byte[]> state() {
    return state;
  }

  SnapshotRecord snapshot() {
    return snapshot;
  }

  @Override
  public SnapshotMeta load() {
    return meta;
  }

  @Override
  public String generateURIForCopy() {
    offer = exchange.offer(meta, state.orElse(new byte[0]));
    return exchange.uri(offer);
  }

  @Override
  public void close() {
    if (offer != 0) {
      exchange.withdraw(offer);
    }
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
