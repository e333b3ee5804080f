package io.quorate.raft.storage;

import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.option.RaftMetaStorageOptions;
import com.alipay.sofa.jraft.storage.RaftMetaStorage;
import io.quorate.raft.GroupId;
import io.quorate.raft.ReplicaId;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One group's term and vote in family {@code raft}; owned by the group's node, which calls it under its lock, except {@link
 * #promisedTerm}. What is set is durable on return; a disk that fails is an {@link IllegalStateException}, so that no vote
 * leaves this replica that it could forget.
 */
public final class SharedMetaStorage implements RaftMetaStorage {
  private final RaftDatabase database;
  private final PeerIds peers;
  private final byte[] key;
  private final AtomicLong promised = new AtomicLong();
  private volatile HardState state = HardState.unvoted(0);

  public SharedMetaStorage(RaftDatabase database, GroupId group, PeerIds peers) {
    this.database = database;
    this.peers = peers;
    this.key = RaftKeys.raft(group, RaftKeys.HARD_STATE);
  }

  @Override
  public boolean init(RaftMetaStorageOptions options) {
    load();
    return true;
  }

  void load() {
    state = database
        .get(database.raftFamily(), key)
        .map(value -> HardState.decode(key, value))
        .orElse(state);
    promise(state.term());
  }

  @Override
  public void shutdown() {}

  /**
   * The highest term for which this replica may have promised anything. It rises before the promise is made durable and
   * thereby before anyone hears of it: where this answers T, a vote for a later term is sent after the answer. Any thread.
   */
  public long promisedTerm() {
    return promised.get();
  }

  @Override
  public boolean setTerm(long term) {
    save(new HardState(term, state.vote()));
    return true;
  }

  @Override
  public long getTerm() {
    return state.term();
  }

  @Override
  public boolean setVotedFor(PeerId peer) {
    save(new HardState(state.term(), vote(peer)));
    return true;
  }

  @Override
  public PeerId getVotedFor() {
    return state.vote().map(peers::toPeer).orElseGet(PeerId::emptyPeer);
  }

  @Override
  public boolean setTermAndVotedFor(long term, PeerId peer) {
    save(new HardState(term, vote(peer)));
    return true;
  }

  private Optional<ReplicaId> vote(PeerId peer) {
    return peer.isEmpty() ? Optional.empty() : Optional.of(peers.toReplica(peer));
  }

  private void save(HardState next) {
    if (next.equals(state)) {
      return;
    }
    if (next.term() < state.term()) {
      throw new IllegalStateException(
          "term would go back from " + state.term() + " to " + next.term());
    }
    promise(next.term());
    byte[] value = next.encode(key);
    database
        .logWriter()
        .append(new BatchBytes(value.length + 64).put(database.raftFamily().getID(), key, value));
    state = next;
  }

  private void promise(long term) {
    promised.accumulateAndGet(term, Math::max);
  }
}
