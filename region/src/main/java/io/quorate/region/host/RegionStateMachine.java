package io.quorate.region.host;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionError;
import io.quorate.raft.LogEntry;
import io.quorate.raft.Membership;
import io.quorate.raft.StateMachine;
import io.quorate.region.command.AdvanceFloor;
import io.quorate.region.command.ComputeSum;
import io.quorate.region.command.ControlCodec;
import io.quorate.region.command.MergeState;
import io.quorate.region.command.MergeStep;
import io.quorate.region.command.Mutation;
import io.quorate.region.command.Outcome;
import io.quorate.region.command.RegionEntry;
import io.quorate.region.command.Split;
import io.quorate.region.command.VerifySum;
import io.quorate.region.mvcc.Version;
import io.quorate.region.storage.ApplySession;
import io.quorate.region.storage.RegionStore;
import io.quorate.region.watch.WatchHub;
import io.quorate.region.watch.WatchLimits;
import io.quorate.region.watch.Watching;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Applies one region's committed entries: each on a state that sees those before it, then one write of all, then the events.
 * Owned by the region's host. Thread: the log's apply thread; the counters may be read from any.
 */
final class RegionStateMachine implements StateMachine<EntryResult> {
  private final RegionStore store;
  private final ApplyHook hook;
  private final Births births;
  private final Merges merges;
  private final SumLedger sums;
  private final SizeEstimate size;
  private volatile Consumer<String> onDamage = reason -> {};
  private volatile Runnable onBroken = () -> {};
  private final WatchHub watchers;
  private @Nullable RegionHost host;
  private long ledTerm;
  private @Nullable String failure;
  private final LongAdder writtenKeys = new LongAdder();
  private final LongAdder writtenBytes = new LongAdder();

  /**
   * What a machine is given by its store.
   *
   * @param hook hears of applied writes
   * @param births where the regions go that are cut from this one
   * @param merges hears of regions that freeze or end
   * @param readers walk the data for checksums; may refuse
   * @param watching what its watchers share with those of others
   */
  record Parts(ApplyHook hook, Births births, Merges merges, Executor readers, Watching watching) {
    /** Where no region is merged and nobody watches. */
    Parts(ApplyHook hook, Births births, Executor readers) {
      this(hook, births, Merges.NONE, readers);
    }

    /** Where nobody watches, as in tests. */
    Parts(ApplyHook hook, Births births, Merges merges, Executor readers) {
      this(
          hook,
          births,
          merges,
          readers,
          new Watching(WatchLimits.defaults(), new SimpleMeterRegistry()));
    }
  }

  RegionStateMachine(RegionStore store, Parts parts) {
    this.store = store;
    this.hook = parts.hook();
    this.births = parts.births();
    this.merges = parts.merges();
    this.size = new SizeEstimate(store);
    this.sums = new SumLedger(store, parts.readers(), this::damaged);
    this.watchers = parts.watching().hub(store, reason -> onFailure(reason));
  }

  /** Says who must know that this replica's data were found to differ from its leader's. */
  void onDamage(Consumer<String> listener) {
    onDamage = listener;
  }

  /** Says who must stop the log of a replica that cannot go on. */
  void onBroken(Runnable listener) {
    onBroken = listener;
  }

  /** It cannot go on, whoever found that out: else its log would go on leading, and nobody could take its place. */
  void broken() {
    onBroken.run();
  }

  private void damaged(String reason) {
    onFailure(reason);
    onDamage.accept(reason);
  }

  /** Tells the host of what has happened before and of all that will. */
  void attach(RegionHost newHost) {
    long term;
    String reason;
    synchronized (this) {
      host = newHost;
      term = ledTerm;
      reason = failure;
    }
    if (term != 0) {
      newHost.onLeading(term);
    }
    if (reason != null) {
      newHost.fail(reason, null);
    }
  }

  RegionStore store() {
    return store;
  }

  WatchHub watchers() {
    return watchers;
  }

  /** A snapshot took the place of what was applied. */
  void replaced() {
    RegionHost told;
    synchronized (this) {
      told = host;
    }
    watchers.replaced(new RegionError.Unavailable("the replica came anew by a snapshot"));
    if (told != null) {
      told.onDescriptorChanged();
    }
  }

  RegionDescriptor descriptor() {
    return store.descriptor();
  }

  long lastStamp() {
    return store.lastStamp();
  }

  long writtenKeys() {
    return writtenKeys.sum();
  }

  long writtenBytes() {
    return writtenBytes.sum();
  }

  @Override
  public long appliedIndex() {
    return store.appliedIndex();
  }

  @Override
  public List<EntryResult> apply(List<LogEntry> entries) {
    sums.check();
    List<EntryResult> results = new ArrayList<>(entries.size());
    int from = 0;
    for (int i = 0; i < entries.size(); i++) {
      if (ControlCodec.isControl(entries.get(i).data().unsafeArray())) {
        applyCommands(entries.subList(from, i), results);
        results.add(new EntryResult(entries.get(i).index(), control(entries.get(i))));
        from = i + 1;
      }
    }
    applyCommands(entries.subList(from, entries.size()), results);
    return results;
  }

  private void applyCommands(List<LogEntry> entries, List<EntryResult> results) {
    if (entries.isEmpty()) {
      return;
    }
    try (ApplySession session = store.begin()) {
      for (LogEntry entry : entries) {
        results.add(new EntryResult(entry.index(), session.applyEntry(entry)));
      }
      long last = entries.get(entries.size() - 1).index();
      session.commit(() -> publish(last, session.mutations(), session.events()));
      if (session.changesLocks()) {
        watchers.unlocked();
      }
      tell(session);
    }
  }

  /** Stands alone: all entries before it are written and seen. */
  private List<Outcome> control(LogEntry entry) {
    RegionEntry read = ControlCodec.decode(entry.data().unsafeArray());
    if (read instanceof Split split) {
      return List.of(split(entry, split));
    }
    if (read instanceof MergeStep step) {
      return List.of(merge(entry, step));
    }
    if (read instanceof ComputeSum compute) {
      sums.compute(entry.index(), compute.revision());
    } else if (read instanceof AdvanceFloor floor) {
      store.advanceFloor(entry.index(), entry.term(), floor);
    } else if (read instanceof VerifySum verify) {
      sums.verify(verify);
    }
    return List.of();
  }

  private Outcome split(LogEntry entry, Split split) {
    RegionHost told;
    boolean leads;
    synchronized (this) {
      told = host;
      leads = ledTerm != 0;
    }
    if (told != null && store.judge(split) instanceof Outcome.Split coming) {
      // Before anybody is turned away: then it can be said where to go.
      told.beforeSplit(coming);
    }
    RegionStore.Cut cut = store.split(entry.index(), entry.term(), split, births.seeds());
    if (cut.outcome() instanceof Outcome.Split done) {
      size.forget();
      if (told != null) {
        told.onSplit();
      }
      births.born(done, cut.born(), leads);
    }
    return cut.outcome();
  }

  private Outcome merge(LogEntry entry, MergeStep step) {
    MergeState before = store.mergeState();
    Outcome outcome = store.merge(entry.index(), entry.term(), step);
    if (!(outcome instanceof Outcome.Merge done)) {
      return outcome;
    }
    RegionHost told;
    synchronized (this) {
      told = host;
    }
    if (step instanceof MergeStep.Freeze) {
      done.state().frozen().ifPresent(by -> merges.frozen(done.region().id(), by));
    }
    if (step instanceof MergeStep.Commit commit
        && done.state()
            .decision(commit.generation())
            .filter(MergeState.Decision::committed)
            .isPresent()) {
      RegionDescriptor right = before.pending().orElseThrow().right();
      size.forget();
      // The last stamp may be the right one's now: without a word, promises made since would wait
      // for the next write.
      watchers.applied(entry.index(), store.lastStamp(), List.of());
      hook.merged(done.region(), right);
      merges.ended(right.id(), done.region());
    }
    if (told != null) {
      told.onMergeStep(step, done);
    }
    return outcome;
  }

  SizeEstimate size() {
    return size;
  }

  SumLedger sums() {
    return sums;
  }

  private void tell(ApplySession session) {
    RegionHost told;
    synchronized (this) {
      told = host;
    }
    if (told == null) {
      return;
    }
    told.resolver().onApplied();
    if (!session.homes().isEmpty()) {
      told.onLeases(session.homes());
    }
    if (session.changesLocks() || !session.mutations().isEmpty()) {
      told.txns().onApplied(session.mutations());
    }
  }

  private void publish(long index, List<Mutation> mutations, List<Mutation> events) {
    long bytes = 0;
    long born = 0;
    for (Mutation mutation : mutations) {
      Version version = mutation.version();
      if (!version.isLive()) {
        born--;
      } else if (version.createRevision() == version.modRevision() && version.version() == 1) {
        born++;
      }
      bytes += mutation.key().length() + mutation.version().value().length();
    }
    size.changed(born);
    writtenKeys.add(mutations.size());
    writtenBytes.add(bytes);
    watchers.applied(index, store.lastStamp(), events);
    hook.applied(store.descriptor(), index, events);
  }

  @Override
  public void onMembership(long index, long term, Membership membership) {
    RegionHost told;
    synchronized (this) {
      told = host;
    }
    if (store.follow(index, term, membership) && told != null) {
      told.onDescriptorChanged();
    }
  }

  @Override
  public void onLeading(long term) {
    RegionHost told;
    synchronized (this) {
      ledTerm = term;
      told = host;
    }
    if (told != null) {
      told.onLeading(term);
    }
  }

  @Override
  public void onLeadershipLost(long term) {
    RegionHost told;
    synchronized (this) {
      if (term >= ledTerm) {
        ledTerm = 0;
      }
      told = host;
    }
    if (told != null) {
      told.onLeadershipLost(term);
    }
  }

  @Override
  public void onFailure(String reason) {
    RegionHost told;
    synchronized (this) {
      failure = reason;
      told = host;
    }
    if (told != null) {
      told.fail(reason, null);
    }
  }
}
