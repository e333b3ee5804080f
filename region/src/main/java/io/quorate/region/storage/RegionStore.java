package io.quorate.region.storage;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Peer;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionEpoch;
import io.quorate.model.RegionId;
import io.quorate.raft.Membership;
import io.quorate.region.command.AdvanceFloor;
import io.quorate.region.command.Command;
import io.quorate.region.command.MergeState;
import io.quorate.region.command.MergeStep;
import io.quorate.region.command.Outcome;
import io.quorate.region.command.Refusal;
import io.quorate.region.command.Split;
import io.quorate.region.command.WriteName;
import io.quorate.region.lease.LeaseHome;
import io.quorate.region.lease.LeaseView;
import io.quorate.region.mvcc.MvccReader;
import io.quorate.region.mvcc.RangeQuery;
import io.quorate.region.mvcc.Version;
import io.quorate.region.split.SizeMarks;
import io.quorate.region.transaction.LockTable;
import io.quorate.region.transaction.TxnId;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * One region's state in the shared store. Owned by the region's host; reads from any thread, {@link #begin()} and what comes of
 * it from the region's apply thread only.
 */
public final class RegionStore {
  private static final Outcome OVER =
      new Outcome.Refused(Refusal.invalid("quorate: the region has ended here"));

  private final SharedStore store;
  private final ApplySequence sequence = new ApplySequence();
  /** Of what takes data away: odd while it does, changed after it. */
  private final ApplySequence losses = new ApplySequence();

  private final RecentNames names = new RecentNames();

  private volatile boolean retired;
  /** Held while what the record of what is cleaned tells of becomes another: by those who change it, and who write it. */
  private final Object cleaning = new Object();

  private final RocksView versions;
  private volatile State state;

  /** Held by whoever writes the region, be it its left neighbour that takes it in. */
  private final Lifetime lifetime = new Lifetime();

  /**
   * What changes with apply, seen at once as a whole.
   *
   * @param grownAt version since which the range has only become smaller, as far as is known here
   * @param locks what it keeps of transactions; written by apply, looked at by readers before the data
   */
  record State(
      RegionDescriptor descriptor,
      RegionMeta.Position position,
      long floor,
      MergeState merge,
      long grownAt,
      LockTable locks) {
    State at(RegionMeta.Position next) {
      return new State(descriptor, next, floor, merge, grownAt, locks);
    }
  }

  /**
   * What tells whether an admitted call's keys are this region's still.
   *
   * @param grownAt version since which the range has only become smaller: of older calls nothing is known
   * @param frozen whether the region serves nobody
   * @param locks of that shape: after a cut, those of what was cut off stay in them
   */
  public record Shape(RegionDescriptor descriptor, long grownAt, boolean frozen, LockTable locks) {}

  RegionStore(SharedStore store, State state) {
    this.store = store;
    this.versions = new RocksView(store, sequence, key -> descriptor().range().contains(key));
    this.state = state;
  }

  public Shape shape() {
    State now = state;
    return new Shape(now.descriptor(), now.grownAt(), now.merge().isFrozen(), now.locks());
  }

  /** What the log knows of merges. */
  public MergeState mergeState() {
    return state.merge();
  }

  public RegionDescriptor descriptor() {
    return state.descriptor();
  }

  /** Index of the last entry whose effects are stored. */
  public long appliedIndex() {
    return state.position().index();
  }

  /** Term of that entry. */
  public long appliedTerm() {
    return state.position().term();
  }

  /** No history is kept below this revision; 0 if all is. */
  public long floor() {
    return state.floor();
  }

  /** Greatest stamp that a command was judged by; 0 if none was. */
  public long lastStamp() {
    return state.position().lastStamp();
  }

  /** About how many bytes its versions take. */
  public long approximateBytes() {
    return store.approximateBytes(descriptor().range());
  }

  /** Starts a run of entries that will be written at once. */
  public ApplySession begin() {
    return new ApplySession(store, this, versions, state);
  }

  /** The newest version of the key, applied so far; a hit in the cache costs no crossing into native code. */
  public Version newest(Bytes key) {
    return versions.newest(key).orAbsent();
  }

  /** Why the key's newest version cannot be shown: a lock that may have been decided already. */
  public Optional<Refusal> obstacle(Bytes key, List<TxnId> past) {
    State now = state;
    return now.locks().isEmpty()
        ? Optional.empty()
        : Answers.obstacle(now, List.of(KeyRange.single(key)), Long.MAX_VALUE, past);
  }

  /** As {@link Answers#read}, of the state now. */
  public Outcome read(
      RangeQuery query, long current, long compacted, MvccReader.Bounds bounds, List<TxnId> past) {
    return Answers.read(state, versions, query, current, compacted, bounds, past);
  }

  /** As {@link Answers#read}, of one that passes over no lock. */
  public Outcome read(RangeQuery query, long current, long compacted, MvccReader.Bounds bounds) {
    return read(query, current, compacted, bounds, List.of());
  }

  /** As {@link #foresee(Command, long, long)}, with nothing compacted. */
  public Optional<Outcome> foresee(Command command, long current) {
    return foresee(command, current, 0);
  }

  /** As {@link Answers#foresee}, of the state now. */
  public Optional<Outcome> foresee(Command command, long current, long compacted) {
    State now = state;
    return Answers.foresee(new AsOf(now, versions, current, compacted, leases()), command);
  }

  /**
   * Follows a membership entry of the log: peers and applied position in one write, the membership epoch one up.
   *
   * @return whether the descriptor changed; an entry that was followed before, or changes nobody, changes nothing
   */
  public boolean follow(long index, long term, Membership members) {
    boolean[] changed = {false};
    whileAlive(() -> changed[0] = followAlone(index, term, members));
    return changed[0];
  }

  private boolean followAlone(long index, long term, Membership members) {
    State before = state;
    List<Peer> peers = PeerList.follow(before.descriptor().peers(), members);
    if (index <= before.position().index() || peers.equals(before.descriptor().peers())) {
      return false;
    }
    RegionEpoch epoch = before.descriptor().epoch();
    RegionDescriptor next = new RegionDescriptor(
        before.descriptor().id(),
        before.descriptor().range(),
        new RegionEpoch(epoch.version(), epoch.membership() + 1),
        peers);
    RegionMeta.Position position =
        new RegionMeta.Position(index, term, before.position().lastStamp());
    try (WriteBatch batch = new WriteBatch()) {
      store.putMeta(batch, RegionMeta.DESCRIPTOR, next.id(), RegionMeta.descriptor(next));
      store.putMeta(batch, RegionMeta.APPLIED, next.id(), RegionMeta.position(position));
      store.write(batch);
    }
    state =
        new State(next, position, before.floor(), before.merge(), before.grownAt(), before.locks());
    return true;
  }

  /**
   * Runs the install of a snapshot of this region, and goes on with what it brought. Apply thread only. While it runs, readers
   * find what is neither old nor new: {@link #isWholeSince} tells them.
   */
  public void replace(Install install) throws IOException {
    synchronized (lifetime) {
      if (lifetime.isOver()) {
        throw new IOException(descriptor() + " is part of its left neighbour");
      }
      replaceAlone(install);
    }
  }

  private void replaceAlone(Install install) throws IOException {
    losses.begin();
    sequence.begin();
    KeyRange old = descriptor().range();
    synchronized (cleaning) {
      install.run();
      store.forget(old);
      state = store.load(descriptor().id());
    }
    // Not where it failed: what is left is no state of the region.
    sequence.end();
    losses.end();
  }

  /** Before the data are destroyed, with nothing being applied any more: readers who come late are told, and fill no cache. */
  public synchronized void retire() {
    synchronized (cleaning) {
      if (!retired) {
        retired = true;
        losses.begin();
        sequence.begin();
      }
    }
  }

  /** Runs what writes the region's state; not any more once another region has taken it in. */
  public void whileAlive(Runnable write) {
    lifetime.whileAlive(write);
  }

  /**
   * Runs the write that ends the replica, be it destroyed or taken over; from then on nothing writes it, and readers who come late
   * are told. Once only: what was its range may be another's afterwards.
   *
   * @return whether it was run
   */
  public boolean end(Runnable write) {
    return lifetime.end(() -> {
      write.run();
      retire();
    });
  }

  /** To be taken before reading, see {@link #isWholeSince}. */
  public long readMark() {
    return losses.mark();
  }

  /**
   * Whether what was read since the mark is the region's data, not what an install, a destruction or a split that brings a child
   * elsewhere left of it. Data go without a word to those who read just then, so each reader asks afterwards.
   */
  public boolean isWholeSince(long mark) {
    return losses.isUnchanged(mark);
  }

  /** An install of a snapshot. */
  public interface Install {
    void run() throws IOException;
  }

  /** What came of a split: the outcome, and the children that live on this store. */
  public record Cut(Outcome outcome, List<RegionStore> born) {}

  /** What a split would come to; a region that is being merged is not cut. */
  public Outcome judge(Split split) {
    State now = state;
    return now.merge().isUnderWay()
        ? new Outcome.Refused(Refusal.invalid("quorate: the region is being merged"))
        : split.judge(now.descriptor());
  }

  /** Applies a step of a merge, in one write. */
  public Outcome merge(long index, long term, MergeStep step) {
    Outcome[] outcome = {OVER};
    whileAlive(() -> outcome[0] = mergeAlone(index, term, step));
    return outcome[0];
  }

  private Outcome mergeAlone(long index, long term, MergeStep step) {
    State before = state;
    Outcome outcome = step.judge(index, before.descriptor(), before.merge());
    if (index <= before.position().index() || !(outcome instanceof Outcome.Merge done)) {
      return outcome;
    }
    if (!done.region().equals(before.descriptor())) {
      MergeState.Pending pending = before.merge().pending().orElseThrow();
      MergeWrite write = new MergeWrite(store, before, done.region(), pending);
      // What a pass of cleaning notes is of either region, or of the one that came of them.
      synchronized (cleaning) {
        sequence.begin();
        state = write.write(index, term);
        sequence.end();
      }
      return new Outcome.Merge(done.region(), state.merge());
    }
    RegionMeta.Position position =
        new RegionMeta.Position(index, term, before.position().lastStamp());
    RegionId id = before.descriptor().id();
    try (WriteBatch batch = new WriteBatch()) {
      store.putMeta(batch, RegionMeta.MERGE, id, MergeRecord.encode(done.state()));
      store.putMeta(batch, RegionMeta.APPLIED, id, RegionMeta.position(position));
      store.write(batch);
    }
    state = new State(
        before.descriptor(),
        position,
        before.floor(),
        done.state(),
        before.grownAt(),
        before.locks());
    return outcome;
  }

  /** Applies a split, in one write. */
  public Cut split(long index, long term, Split split, ChildSeeds seeds) {
    Cut[] cut = {new Cut(OVER, List.of())};
    whileAlive(() -> cut[0] = splitAlone(index, term, split, seeds));
    return cut[0];
  }

  private Cut splitAlone(long index, long term, Split split, ChildSeeds seeds) {
    State before = state;
    Outcome outcome = judge(split);
    if (index <= before.position().index() || !(outcome instanceof Outcome.Split done)) {
      return new Cut(outcome, List.of());
    }
    SplitWrite write = new SplitWrite(store, seeds, before, done);
    // Fills by readers who began before end here, and those of keys that went elsewhere for good.
    sequence.begin();
    synchronized (cleaning) {
      state = write.write(index, term, losses::begin);
    }
    sequence.end();
    if (write.takesAway()) {
      losses.end();
    }
    return new Cut(outcome, write.born());
  }

  /** Raises the floor; from then on reads below it are refused, and what it lets go may be removed. */
  public void advanceFloor(long index, long term, AdvanceFloor entry) {
    whileAlive(() -> advanceFloorAlone(index, term, entry));
  }

  private void advanceFloorAlone(long index, long term, AdvanceFloor entry) {
    State before = state;
    if (before.merge().isFrozen()) {
      // Whoever takes the region in has read its floor.
      return;
    }
    long floor = entry.judge(
        before.floor(), before.position().lastStamp(), before.locks().lowestCommit());
    if (index <= before.position().index()) {
      return;
    }
    RegionMeta.Position position =
        new RegionMeta.Position(index, term, before.position().lastStamp());
    RegionId id = before.descriptor().id();
    try (WriteBatch batch = new WriteBatch()) {
      store.putMeta(batch, RegionMeta.FLOOR, id, RegionMeta.number(floor));
      store.putMeta(batch, RegionMeta.APPLIED, id, RegionMeta.position(position));
      LeaseSlices.sweep(store, batch, id, floor);
      StoredNames.sweep(
          store,
          batch,
          before.descriptor().range(),
          WriteName.horizon(floor, position.lastStamp()));
      store.write(batch);
    } catch (RocksDBException e) {
      throw SharedStore.failed("raising the floor of region " + id, e);
    }
    state = new State(
        before.descriptor(), position, floor, before.merge(), before.grownAt(), before.locks());
  }

  /** Begins to remove what the floor lets go, if there may be anything. One pass at a time. */
  public Optional<CleaningPass> clean() {
    return CleaningPass.of(store, this);
  }

  /**
   * Writes down how far the old versions are removed.
   *
   * @param mark taken before that began
   * @param epochVersion of the region that was cleaned
   * @param from what was noted when that began; null if nothing was
   * @param batch what belongs into the same write
   * @return false if the region became another meanwhile: then nothing is written
   */
  boolean noteCleaned(
      long mark,
      long epochVersion,
      @Nullable Cleaned from,
      Cleaned to,
      Consumer<WriteBatch> batch) {
    synchronized (cleaning) {
      RegionDescriptor now = descriptor();
      if (retired
          || !isWholeSince(mark)
          || now.epoch().version() != epochVersion
          || !Objects.equals(store.cleaned(now.id()).orElse(null), from)) {
        return false;
      }
      try (WriteBatch write = new WriteBatch()) {
        batch.accept(write);
        store.putMeta(write, RegionMeta.CLEANED, now.id(), to.encode());
        store.write(write);
      }
      return true;
    }
  }

  /** All of it at one moment. */
  State state() {
    return state;
  }

  /** Whether another region has taken it in, or it was destroyed. */
  public boolean isOver() {
    return lifetime.isOver();
  }

  /** The key's newest version not above the revision, a tombstone included; NONE if there is none. */
  public Version at(Bytes key, long revision) {
    return versions.at(key, revision);
  }

  /** The version that is noted to have been made. */
  public Version noted(NotedChange change) {
    return versions.noted(change);
  }

  public ChangeReader changeReader() {
    return new ChangeReader(store, this);
  }

  /** Begins to sum up what is applied; the caller closes it. Never below the floor, which cleaning up may have passed. */
  public RegionSum sum(long index, long revision) {
    return new RegionSum(store, descriptor().range(), index, Math.max(revision, floor()));
  }

  /** Measures by walking the data, without values; waits for the disk. */
  public SizeMarks measure(long maxVersions) {
    return SizeWalk.measure(store, descriptor().range(), maxVersions);
  }

  /** What is stored of leases: of those at home here, and of those that keys here hang on. */
  public LeaseView leases() {
    return new StoredLeases(store, descriptor().id());
  }

  /** Leases of a range whose home is here, in the order of their ids as unsigned numbers. */
  public List<LeaseHome> homes(KeyRange range, int limit) {
    return LeaseSlices.homes(store, range, limit);
  }

  /** What the region keeps of transactions. */
  public LockTable locks() {
    return state.locks();
  }

  /** The version that a key has, without its value perhaps. */
  public Version head(Bytes key) {
    return versions.head(key).orAbsent();
  }

  /** Names of its newest writes; apply thread only. */
  RecentNames names() {
    return names;
  }

  ApplySequence sequence() {
    return sequence;
  }

  void moveTo(State next) {
    state = next;
  }
}
