package io.quorate.region.storage;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Keyspace;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionId;
import io.quorate.raft.LogEntry;
import io.quorate.raft.storage.BatchBytes;
import io.quorate.region.command.Applied;
import io.quorate.region.command.LogCodec;
import io.quorate.region.command.LogCommands;
import io.quorate.region.command.Mutation;
import io.quorate.region.command.Outcome;
import io.quorate.region.command.PastWrites;
import io.quorate.region.command.RegionView;
import io.quorate.region.command.Restore;
import io.quorate.region.command.Stamped;
import io.quorate.region.lease.LeaseChange;
import io.quorate.region.lease.LeaseHome;
import io.quorate.region.lease.LeaseView;
import io.quorate.region.lease.PendingLeases;
import io.quorate.region.mvcc.KeyWalk;
import io.quorate.region.mvcc.PendingVersions;
import io.quorate.region.mvcc.Version;
import io.quorate.region.mvcc.VersionKey;
import io.quorate.region.mvcc.VersionRecord;
import io.quorate.region.mvcc.VersionSource;
import io.quorate.region.transaction.LockChange;
import io.quorate.region.transaction.LockView;
import io.quorate.region.transaction.PendingLocks;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rocksdb.WriteBatch;

/**
 * A run of committed entries, applied one after the other on a view that sees those before, and written at once. Apply thread
 * only; close it, and without {@link #commit()} nothing has happened.
 */
public final class ApplySession implements RegionView, AutoCloseable {
  /** Bytes reserved ahead for a write, at most. */
  private static final int MAX_GUESS = 64 << 20;

  private final SharedStore store;
  private final RegionStore region;
  private final RegionStore.State before;
  private final RocksView stored;
  private final PendingVersions pending;
  private final List<Mutation> mutations = new ArrayList<>();
  /** Those that are news: all but what was restored from a backup. */
  private final List<Mutation> events = new ArrayList<>();

  private final PendingLeases leases;
  private final PendingNames names;
  private final PendingLocks locks;
  private @Nullable PointLookup lookup;
  private long index;
  private long term;
  private long lastStamp;
  private long bytes;
  private boolean committed;

  ApplySession(SharedStore store, RegionStore region, RocksView stored, RegionStore.State before) {
    this.store = store;
    this.region = region;
    this.stored = stored;
    this.before = before;
    this.pending = new PendingVersions(new Stored());
    this.leases = new PendingLeases(new StoredLeases(store, before.descriptor().id()));
    RecentNames recent = region.names();
    recent.open(before.position().lastStamp(), before.descriptor().epoch().version());
    this.names = new PendingNames(store, recent, pending);
    this.locks = new PendingLocks(before.locks());
    this.index = before.position().index();
    this.term = before.position().term();
    this.lastStamp = before.position().lastStamp();
  }

  /** Decodes and applies an entry. */
  public List<Outcome> applyEntry(LogEntry entry) {
    return apply(entry.index(), entry.term(), LogCodec.decode(entry.data().unsafeArray()));
  }

  /**
   * Applies an entry's commands.
   *
   * @return their outcomes, in order
   * @throws IllegalStateException if the entry was applied before
   */
  public List<Outcome> apply(long entryIndex, long entryTerm, LogCommands commands) {
    if (committed) {
      throw new IllegalStateException("a session is committed once");
    }
    if (entryIndex <= index) {
      throw new IllegalStateException("region " + before.descriptor().id() + " is asked to apply "
          + entryIndex + " after " + index);
    }
    index = entryIndex;
    term = entryTerm;
    leases.enter(entryTerm);
    List<Outcome> outcomes = new ArrayList<>(commands.commands().size());
    for (Stamped stamped : commands.commands()) {
      Applied applied = stamped.apply(this, entryIndex);
      for (Mutation mutation : applied.mutations()) {
        pending.add(mutation.key(), mutation.version());
        mutations.add(mutation);
        if (!(stamped.command() instanceof Restore)) {
          events.add(mutation);
        }
        bytes += 100 + 2 * mutation.key().length() + mutation.version().value().length();
      }
      names.note(stamped, applied);
      applied.leases().forEach(leases::add);
      applied.locks().forEach(locks::add);
      bytes += 100L * applied.leases().size() + 200L * applied.locks().size();
      // Whatever was answered under a stamp showed the state as of it: nothing may come before it
      // any more. A transaction's own revision may be smaller, or greater: then it was handed out
      // before whatever stamp comes after it here.
      if (applied.outcome() instanceof Outcome.Done done) {
        lastStamp = Math.max(lastStamp, Math.max(stamped.revision(), done.revision()));
      }
      outcomes.add(applied.outcome());
    }
    return outcomes;
  }

  /** All that the session has written so far, in order. */
  public List<Mutation> mutations() {
    return Collections.unmodifiableList(mutations);
  }

  /** Those among them that are events to show. */
  public List<Mutation> events() {
    return Collections.unmodifiableList(events);
  }

  /** What has become of leases whose home is here. */
  public List<LeaseChange.Home> homes() {
    List<LeaseChange.Home> changed = new ArrayList<>(0);
    for (LeaseChange change : leases.changes()) {
      if (change instanceof LeaseChange.Home home) {
        changed.add(home);
      }
    }
    return changed;
  }

  /** Writes effects and position in one write; visible to readers when it returns. */
  public void commit() {
    commit(() -> {});
  }

  /**
   * As {@link #commit()}, for a region with watchers.
   *
   * @param shown run before any lock is released: until then nobody is promised that nothing comes below it
   */
  public void commit(Runnable shown) {
    region.whileAlive(this::write);
    committed = true;
    shown.run();
    before.locks().apply(locks.changes());
  }

  /** Whether locks or records of transactions are changed. */
  public boolean changesLocks() {
    return !locks.changes().isEmpty();
  }

  private void write() {
    RegionMeta.Position position = new RegionMeta.Position(index, term, lastStamp);
    byte[] records = records(position);
    region.sequence().begin();
    try (WriteBatch batch = new WriteBatch(records)) {
      store.write(batch);
    }
    for (Mutation mutation : mutations) {
      store.cache().written(mutation.key(), mutation.version());
    }
    names.written(lastStamp);
    region.moveTo(before.at(position));
    region.sequence().end();
  }

  /** All of it as bytes, so that one crossing into native code is enough. */
  private byte[] records(RegionMeta.Position position) {
    RegionId id = before.descriptor().id();
    BatchBytes batch = new BatchBytes((int) Math.min(256 + bytes, MAX_GUESS));
    for (Mutation mutation : mutations) {
      Version version = mutation.version();
      batch.put(
          store.dataId(),
          VersionKey.encode(
              Keyspace.USER,
              mutation.key(),
              version.modRevision(),
              version.sub(),
              !version.isLive()),
          VersionRecord.encode(
              version, mutation.name().client(), mutation.name().sequence()));
      batch.put(
          store.changesId(),
          ChangeRecord.key(id, version.modRevision(), version.sub()),
          ChangeRecord.encode(mutation));
    }
    for (LeaseChange change : leases.changes()) {
      write(batch, change);
    }
    names.write(batch);
    for (LockChange change : locks.changes()) {
      LockSlices.write(store, batch, id, change);
    }
    batch.put(
        store.metaId(), RegionMeta.key(RegionMeta.APPLIED, id), RegionMeta.position(position));
    return batch.toBatch();
  }

  private void write(BatchBytes batch, LeaseChange change) {
    long lease = change.lease();
    if (change instanceof LeaseChange.Registered registered) {
      batch.put(
          store.leaseId(),
          LeaseSlices.registration(before.descriptor().id(), lease),
          registered.now().encode());
    } else if (change instanceof LeaseChange.Home home) {
      LeaseHome now = home.now();
      if (now == null) {
        batch.delete(store.leaseId(), LeaseSlices.home(lease));
      } else {
        batch.put(store.leaseId(), LeaseSlices.home(lease), now.encode());
      }
    } else if (change instanceof LeaseChange.Key key) {
      byte[] place = LeaseSlices.key(lease, key.key());
      if (key.attached()) {
        batch.put(store.leaseId(), place, new byte[0]);
      } else {
        batch.delete(store.leaseId(), place);
      }
    }
  }

  @Override
  public PastWrites past() {
    return names;
  }

  @Override
  public LeaseView leases() {
    return leases;
  }

  @Override
  public LockView locks() {
    return locks;
  }

  @Override
  public RegionDescriptor descriptor() {
    return before.descriptor();
  }

  @Override
  public long floor() {
    return before.floor();
  }

  @Override
  public boolean isFrozen() {
    return before.merge().isFrozen();
  }

  @Override
  public long lastStamp() {
    return lastStamp;
  }

  @Override
  public Version newest(Bytes key) {
    return pending.newest(key);
  }

  @Override
  public Version head(Bytes key) {
    return pending.head(key);
  }

  @Override
  public Version at(Bytes key, long revision) {
    return pending.at(key, revision);
  }

  @Override
  public KeyWalk walk(KeyRange range, long revision, boolean values) {
    return pending.walk(range, revision, values);
  }

  @Override
  public void close() {
    if (lookup != null) {
      lookup.close();
    }
  }

  /** The store below, with one iterator for all of the session's lookups: nobody else writes this region. */
  private final class Stored implements VersionSource {
    @Override
    public Version newest(Bytes key) {
      Version cached = store.cache().get(key);
      return cached == null ? stored.newest(key, lookup()) : cached;
    }

    @Override
    public Version head(Bytes key) {
      Version cached = store.cache().head(key);
      return cached == null ? stored.head(key, lookup()) : cached;
    }

    private PointLookup lookup() {
      PointLookup opened = lookup;
      if (opened == null) {
        opened = new PointLookup(store);
        lookup = opened;
      }
      return opened;
    }

    @Override
    public Version at(Bytes key, long revision) {
      Version newest = newest(key);
      return newest.modRevision() <= revision ? newest : stored.at(key, revision);
    }

    @Override
    public KeyWalk walk(KeyRange range, long revision, boolean values) {
      return stored.walk(range, revision, values);
    }
  }
}
