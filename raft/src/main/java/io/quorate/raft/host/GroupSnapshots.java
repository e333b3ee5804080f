package io.quorate.raft.host;

import com.alipay.sofa.jraft.entity.RaftOutter.SnapshotMeta;
import com.alipay.sofa.jraft.error.RaftError;
import com.alipay.sofa.jraft.option.SnapshotCopierOptions;
import com.alipay.sofa.jraft.storage.SnapshotStorage;
import com.alipay.sofa.jraft.storage.SnapshotThrottle;
import com.alipay.sofa.jraft.storage.snapshot.SnapshotCopier;
import com.alipay.sofa.jraft.storage.snapshot.SnapshotReader;
import com.alipay.sofa.jraft.storage.snapshot.SnapshotWriter;
import io.quorate.raft.GroupId;
import io.quorate.raft.storage.PeerIds;
import io.quorate.raft.storage.RaftDatabase;
import io.quorate.raft.storage.SnapshotRecord;
import io.quorate.raft.storage.SnapshotRecords;
import io.quorate.raft.storage.SnapshotStates;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One group's snapshots as jraft sees them: a note of where the log was cut and, for small machines, their whole state, both
 * in the host's database. Owned by the group; called by its stages, its replicators and the thread that installs.
 *
 * <p>jraft takes a missing or failing reader for the end of its node (Replicator.installSnapshot), so nothing here throws
 * into it once a snapshot exists.
 */
final class GroupSnapshots implements SnapshotStorage {
  private static final Logger log = LoggerFactory.getLogger(GroupSnapshots.class);

  private final GroupId group;
  private final PeerIds peers;
  private final SnapshotRecords records;
  private final SnapshotStates states;
  private final StateExchange exchange;
  private final RangeExchange outgoing;
  private final Snapshots kind;
  private final boolean small;
  private volatile @Nullable Offers offers;

  /** What the group says of itself once it runs; from then on an opened snapshot is one for another replica. */
  interface Offers {
    /**
     * The note for the moment that was pinned.
     *
     * @param cut the newest note before that moment
     */
    SnapshotRecord asOf(RangeSnapshots.Pinned pinned, SnapshotRecord cut);

    /** Of the log. */
    long firstIndex();
  }

  private final ReentrantLock lock = new ReentrantLock();
  private volatile @Nullable SnapshotRecord newest;

  GroupSnapshots(
      GroupId group,
      PeerIds peers,
      RaftDatabase database,
      StateExchange exchange,
      RangeExchange outgoing,
      Snapshots kind) {
    this.group = group;
    this.peers = peers;
    this.records = new SnapshotRecords(database);
    this.states = new SnapshotStates(database);
    this.exchange = exchange;
    this.outgoing = outgoing;
    this.kind = kind;
    this.small = kind instanceof Snapshots.SmallState;
  }

  @Override
  public boolean init(@Nullable Void options) {
    newest = records.read(group).orElse(null);
    return true;
  }

  @Override
  public void shutdown() {}

  /** Where the log was last cut, or seeded; empty on an empty replica. */
  Optional<SnapshotRecord> newest() {
    return Optional.ofNullable(newest);
  }

  @Override
  public SnapshotWriter create() {
    return new StateWriter(this, group);
  }

  @Override
  public @Nullable SnapshotReader open() {
    lock.lock();
    try {
      SnapshotRecord snapshot = newest;
      if (snapshot == null) {
        return null;
      }
      Offers running = offers;
      Optional<RangeSnapshots> ranges = ranges();
      if (running != null && ranges.isPresent()) {
        return outgoing.offer(
            group,
            ranges.get(),
            peers,
            snapshot,
            pinned -> running.asOf(pinned, snapshot),
            running.firstIndex());
      }
      Optional<byte[]> state = small ? states.read(group) : Optional.empty();
      return new StateReader(snapshot, peers, state, exchange);
    } finally {
      lock.unlock();
    }
  }

  /** Makes the cut durable, with the state where there is one; false if it came out wrong. */
  boolean save(SnapshotMeta meta, byte @Nullable [] state) {
    return save(SnapshotMetas.toRecord(meta, peers), state);
  }

  private boolean save(SnapshotRecord snapshot, byte @Nullable [] state) {
    lock.lock();
    try {
      if (state == null) {
        records.save(group, snapshot);
      } else {
        states.save(group, snapshot, state);
      }
      newest = snapshot;
      return true;
    } catch (IllegalStateException e) {
      log.error("group={} snapshot at {} not saved: {}", group, snapshot.index(), e.getMessage());
      return false;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public SnapshotCopier startToCopyFrom(String uri, SnapshotCopierOptions options) {
    Optional<RangeSnapshots> ranges = ranges();
    return ranges.isPresent()
        ? new RangeCopier(group, uri, outgoing, ranges.get())
        : new StateCopier(group, uri, exchange, this::received);
  }

  private Optional<RangeSnapshots> ranges() {
    return kind instanceof Snapshots.SelfPersisted self ? self.ranges() : Optional.empty();
  }

  /** The group runs. */
  void serve(Offers running) {
    offers = running;
  }

  /** Installs what was fetched, durably; called by the apply stage. */
  SnapshotRecord install(RangeReader fetched) throws Exception {
    SnapshotRecord snapshot = SnapshotMetas.toRecord(fetched.load(), peers);
    try {
      ranges()
          .orElseThrow()
          .install(
              fetched.files(),
              snapshot.index(),
              snapshot.term(),
              fetched.description(),
              batch -> records.put(batch, group, snapshot));
    } finally {
      SnapshotReceiver.delete(fetched.files());
    }
    newest = snapshot;
    return snapshot;
  }

  /** Keeps what came from the leader before it is loaded: the log is dropped right after. */
  private SnapshotReader received(StateExchange.Whole whole) {
    if (!small) {
      throw new IllegalStateException("entries this replica lacks were cut, and its machine keeps a"
          + " state that cannot be fetched");
    }
    SnapshotRecord snapshot = SnapshotMetas.toRecord(whole.meta(), peers);
    // Nothing at all is the state the group was seeded with, which every machine starts from.
    Optional<byte[]> state =
        whole.state().isEmpty() ? Optional.empty() : Optional.of(whole.state().unsafeArray());
    StateReader reader = new StateReader(snapshot, peers, state, exchange);
    if (!save(snapshot, state.orElse(null))) {
      reader.setError(RaftError.EINTERNAL, "snapshot not saved");
    }
    return reader;
  }

  @Override
  public @Nullable SnapshotReader copyFrom(String uri, SnapshotCopierOptions options) {
    throw new UnsupportedOperationException("jraft starts copies and joins them");
  }

  @Override
  public boolean setFilterBeforeCopyRemote() {
    return false;
  }

  @Override
  public void setSnapshotThrottle(SnapshotThrottle throttle) {
    // Small states need none.
  }
}
