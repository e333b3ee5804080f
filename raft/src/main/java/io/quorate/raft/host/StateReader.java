package io.quorate.raft.host;

import io.quorate.raft.storage.PeerIds;
import io.quorate.raft.storage.SnapshotRecord;
import java.util.Optional;

/** One snapshot being loaded here or sent to another replica; owned by jraft until it closes it. */
final class StateReader extends FilelessReader {
  private final SnapshotRecord snapshot;
  private final Optional<byte[]> state;
  private final StateExchange exchange;
  private long offer;

  StateReader(
      SnapshotRecord snapshot, PeerIds peers, Optional<byte[]> state, StateExchange exchange) {
    super(SnapshotMetas.toMeta(snapshot, peers));
    this.snapshot = snapshot;
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
  public String generateURIForCopy() {
    offer = exchange.offer(load(), state.orElse(new byte[0]));
    return exchange.uri(offer);
  }

  @Override
  public void close() {
    if (offer != 0) {
      exchange.withdraw(offer);
    }
  }
}
