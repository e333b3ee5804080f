package io.quorate.region.host;

import io.quorate.model.Peer;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionEpoch;
import io.quorate.model.StoreId;
import io.quorate.proto.Response;
import io.quorate.raft.Leadership;
import io.quorate.raft.MembershipChange;
import io.quorate.raft.ReplicaId;
import io.quorate.raft.ReplicatedLog;
import io.quorate.raft.mailbox.Mailbox;
import io.quorate.region.command.MergeState;
import io.quorate.region.command.MergeStep;
import io.quorate.region.command.Outcome;
import io.quorate.region.command.Split;
import io.quorate.region.history.HistoryRegion;
import io.quorate.region.lease.LeaseChange;
import io.quorate.region.lease.LeaseHome;
import io.quorate.region.split.LoadSample;
import io.quorate.region.split.SizeMarks;
import io.quorate.region.storage.RegionStore;
import io.quorate.region.storage.RegionSum;
import io.quorate.region.watch.WatchTicket;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One region's replica on this store: admits requests, orders writes, serves reads. Owned by the {@link StoreEngine}. Runs as
 * a mailbox on the store's region threads: it has no thread of its own, and nothing in it waits.
 *
 * <p>Thread: public methods may be called from any thread and never block.
 */
public final class RegionHost {
  private static final Logger log = LoggerFactory.getLogger(RegionHost.class);

  private final Surroundings around;
  private final RegionStateMachine machine;
  private final ReplicatedLog<EntryResult> raft;
  private final Mailbox<Runnable> mailbox;
  private final Errors errors;
  private final Reader reader;
  private final Doorkeeper door;
  private final WriteLoop writes;
  private final ReadLoop reads;
  private final PeerChanges changes;
  private final RangeChanges ranges;
  private final MergeSteps merging;
  private final Handover handover;
  private final LoadSample load;
  private final WatchDoor watchDoor;
  private final LeaseLoop leases;
  private final TxnLoop txns;
  /** The term that this replica leads, as far as the mailbox has heard; 0 if none. */
  private long term;

  private boolean flightsChanged;
  /** Whether a tick has anything to look at. */
  private volatile boolean busy;

  private volatile int queuedWrites;
  private volatile @Nullable String failure;

  private RegionHost(
      Surroundings around, RegionStateMachine machine, ReplicatedLog<EntryResult> raft) {
    this.around = around;
    this.machine = machine;
    this.raft = raft;
    RegionHostConfig config = around.config();
    this.errors = new Errors(machine.store()::shape, this::leader);
    this.mailbox = new Mailbox<>(
        config.maxQueuedWrites() + config.maxWaitingReads(),
        around.regionThreads(),
        (task, sequence, endOfBatch) -> run(task, endOfBatch),
        (problem, sequence, task) -> fail(problem.toString(), problem));
    this.reader =
        new Reader(this, config, around.oracle(), machine.store(), around.readerThreads());
    this.door = new Doorkeeper(
        this, config, around.oracle(), around.permissions(), machine.store(), reader);
    this.writes = new WriteLoop(this, config, around.oracle(), raft);
    this.reads = new ReadLoop(this, config, around.oracle(), raft, reader);
    this.changes = new PeerChanges(raft, machine.store(), around.moves());
    this.ranges = new RangeChanges(raft, machine.store());
    this.merging = new MergeSteps(raft, machine.store(), changes);
    this.handover = new Handover(this, raft, around.moves().handoverPause().toNanos());
    this.leases = new LeaseLoop(this, machine.store(), around.leases());
    this.txns = new TxnLoop(this, machine.store());
    this.load = new LoadSample(machine.descriptor().id().value());
    this.watchDoor = new WatchDoor(this, raft, machine, around.resolved());
  }

  /** Makes the host of a replica whose log has been started on the machine. */
  static RegionHost start(
      Surroundings around, RegionStateMachine machine, ReplicatedLog<EntryResult> raft) {
    RegionHost host = new RegionHost(around, machine, raft);
    machine.attach(host);
    return host;
  }

  /**
   * Answers the request exactly once, on a thread of the region's or of its readers: the sink must be short. An answer with
   * a {@code region_error} other than Indeterminate, or with a refusal, promises that nothing was or will be written.
   */
  public void handle(RegionRequest request, Consumer<Response> sink) {
    if (!mailbox.offer(() -> door.admit(request, sink))) {
      Call.reject(request, sink, errors.busy("the region's mailbox is full, or closed"));
    }
  }

  /** Lets a watcher in if this replica leads, or says where to go. */
  public void watch(WatchTicket ticket) {
    watchDoor.come(ticket, mailbox::offer);
  }

  public Resolver resolver() {
    return watchDoor.resolver();
  }

  public RegionDescriptor descriptor() {
    return machine.descriptor();
  }

  public Leadership leadership() {
    return raft.leadership();
  }

  /** Who leads, as far as this replica knows; empty if nobody is known to. */
  public Optional<Peer> leader() {
    return raft.leadership().leader().flatMap(this::peer);
  }

  private Optional<Peer> peer(ReplicaId replica) {
    return descriptor().peerOn(new StoreId(replica.store()));
  }

  /** Regions that were cut off from this one lately, as they were then, the newest first. */
  public List<RegionDescriptor> cutOff() {
    return errors.cutOff();
  }

  /** Whether this replica leads and serves, as far as it knows. */
  public boolean leading() {
    return failure == null && raft.leadership().leading();
  }

  /** Why the replica stopped for good; empty while it runs. */
  public Optional<String> failure() {
    return Optional.ofNullable(failure);
  }

  public RegionStats stats() {
    return new RegionStats(
        machine.writtenKeys(),
        machine.writtenBytes(),
        reader.readKeys(),
        reader.readBytes(),
        queuedWrites);
  }

  /** The region's last applied index on this replica. */
  public long appliedIndex() {
    return raft.appliedIndex();
  }

  /** Asks the given peer to take the lead once the writes at hand are done; completes when it was told to campaign. */
  public CompletableFuture<Void> transferLeadership(Peer to) {
    CompletableFuture<Void> told = new CompletableFuture<>();
    post(() -> handover.begin(new ReplicaId(to.store().value(), to.replica()), told));
    return told;
  }

  /**
   * Adds a learner, promotes one that has caught up, or removes a peer.
   *
   * @param expected epoch that the region must be at
   * @return the region once the change shows here; fails with {@link io.quorate.raft.LogException}
   */
  public CompletableFuture<RegionDescriptor> change(
      RegionEpoch expected, MembershipChange.Kind kind, Peer peer) {
    return changes.begin(expected, kind, peer);
  }

  /**
   * Cuts the region; leaders of the new regions are campaigned for from this store.
   *
   * @param split keys and ids, and the epoch that the region must be at
   * @return all parts in key order, the last has this region's id; fails with {@link io.quorate.raft.LogException}, of kind
   *     INDETERMINATE if it may come yet
   */
  public CompletableFuture<List<RegionDescriptor>> split(Split split) {
    CompletableFuture<List<RegionDescriptor>> done = new CompletableFuture<>();
    post(() -> ranges.begin(split, term, done));
    return done;
  }

  /** Puts a step of a merge into the log; what came of it, or a {@link io.quorate.raft.LogException}. */
  CompletableFuture<Outcome.Merge> merge(MergeStep step) {
    CompletableFuture<Outcome.Merge> done = new CompletableFuture<>();
    post(() -> merging.begin(step, term, done));
    return done;
  }

  /** What the region's log knows of merges, as far as it is applied here. */
  public MergeState mergeState() {
    return machine.store().mergeState();
  }

  /**
   * Compares all replicas' data as of one entry: each sums up its own, this one's sum is sent to all, and a replica with another
   * one stops.
   *
   * @param revision versions visible at or above it count
   * @return this replica's sum once the comparison is in the log; fails with {@link io.quorate.raft.LogException}
   */
  public CompletableFuture<RegionSum.Sum> check(long revision) {
    CompletableFuture<RegionSum.Sum> done = new CompletableFuture<>();
    post(() -> ranges.check(revision, term, machine.sums(), done));
    return done;
  }

  /** Proposes that history goes up to the revision, if this replica leads. */
  void advanceFloor(long to) {
    post(() -> ranges.advanceFloor(to, term));
  }

  /** For those who keep its history short. */
  HistoryRegion history() {
    return new HostedHistory(this, machine.store());
  }

  /** What this replica's data came to when last compared, and whether it was as the leader's. */
  public Optional<SumLedger.Verdict> lastCheck() {
    return machine.sums().last();
  }

  /** Measures the data by walking it, without values. Waits for the disk. */
  public SizeMarks measure(long maxVersions) {
    SizeMarks size = machine.store().measure(maxVersions);
    machine.size().learn(size, approximateBytes());
    return size;
  }

  /** About how many keys exist. May read a little. */
  public long approximateKeys() {
    return machine.size().keys();
  }

  /** What this replica was asked for since the last call. */
  public CompletableFuture<LoadSample.Window> takeLoad() {
    return CompletableFuture.supplyAsync(load::take, this::post);
  }

  /** Which of the other replicas are down or behind; all good unless this one leads. */
  public ReplicaHealth health() {
    return changes.health();
  }

  /** Leases whose home this replica leads and whose keys are to be deleted, see {@link #finishRevoke}. */
  public List<LeaseHome> revoking() {
    return leases.revoking();
  }

  /** All keys of a lease that is being revoked are gone: it can be dropped. */
  public void finishRevoke(long lease, long grantRevision) {
    post(() -> leases.finish(lease, grantRevision));
  }

  /** Campaigns at once. */
  public void campaign() {
    raft.campaign();
  }

  /** Looks at deadlines; called by the engine every tick. */
  void tick() {
    watchDoor.tick();
    if (busy || leases.isDue(now()) || !txns.isIdle()) {
      post(() -> {
        long now = now();
        leases.tick(now);
        txns.tick(now);
        writes.tick(now);
        reads.tick(now);
      });
    }
  }

  /** Takes no more requests and lets what is at hand end. The log must be stopped before, so that proposals end. */
  void close() {
    post(this::loseLeadership);
    post(() -> watchDoor.onLeadershipLost(/* servesNobody= */ true));
    post(writes::abandon);
    mailbox.close();
  }

  // ------------------------------------------------------------------ from the machine, any thread

  void onDescriptorChanged() {
    around.listener().onChanged(this);
  }

  /** On the apply thread, before the cut shows. */
  void beforeSplit(Outcome.Split coming) {
    errors.cutOff(coming.children());
  }

  /** The region has been cut. */
  void onSplit() {
    log.info("{} is what was left by a cut", descriptor());
    machine.watchers().reshaped(errors.epochMismatch());
    post(() -> {
      if (term != 0) {
        writes.onSplit();
        ranges.nudge(term);
        leases.onRangeChanged();
      }
      reads.release();
    });
    around.listener().onChanged(this);
  }

  /** On the apply thread: range and service are others now. */
  void onMergeStep(MergeStep step, Outcome.Merge done) {
    log.info("region={} epoch={} {}", done.region().id(), done.region().epoch(), step);
    errors.joined(done.region().range());
    post(() -> {
      if (term != 0) {
        writes.onSplit();
        leases.onRangeChanged();
      }
      reads.release();
    });
    around.listener().onChanged(this);
  }

  /** The region is no more. */
  void onEnded(RegionDescriptor whole) {
    errors.ended(whole);
    post(() -> {
      writes.onSplit();
      reads.release();
    });
  }

  /** On the apply thread. */
  void onLeases(List<LeaseChange.Home> changes) {
    post(() -> leases.onChanged(changes));
  }

  void onLeading(long newTerm) {
    post(() -> {
      if (newTerm > term) {
        term = newTerm;
        log.info("region={} leads term {}", descriptor().id(), term);
        writes.onLeading(term);
        leases.onLeading();
        reads.release();
      }
    });
    around.listener().onChanged(this);
  }

  void onLeadershipLost(long lostTerm) {
    post(() -> {
      if (lostTerm >= term) {
        loseLeadership();
      }
    });
    around.listener().onChanged(this);
  }

  private void loseLeadership() {
    if (term != 0) {
      log.info("region={} leads no more (term {})", descriptor().id(), term);
      term = 0;
      handover.onLeadershipLost();
      leases.onLeadershipLost();
      txns.onLeadershipLost();
      writes.onLeadershipLost();
      reads.onLeadershipLost();
    }
    watchDoor.onLeadershipLost(failure != null);
  }

  /** Stops the replica for good. */
  void fail(String reason, @Nullable Throwable cause) {
    if (failure == null) {
      failure = reason;
      log.error(
          "region={} epoch={} stopped: {}", descriptor().id(), descriptor().epoch(), reason, cause);
      post(this::loseLeadership);
      machine.broken();
      around.listener().onFailed(this, reason);
    }
  }

  // ------------------------------------------------------------------ on the mailbox

  void post(Runnable task) {
    mailbox.put(task);
  }

  private void run(Runnable task, boolean endOfBatch) {
    task.run();
    if (endOfBatch) {
      settle();
    }
  }

  /** After all that was at hand: starts what it has made possible. */
  private void settle() {
    if (flightsChanged) {
      flightsChanged = false;
      reads.release();
    }
    handover.step(writes.isSettled());
    if (!handover.isUnderWay()) {
      writes.pump(now());
    }
    reads.pump();
    queuedWrites = writes.queued();
    busy = !writes.isIdle()
        || !reads.isIdle()
        || !leases.registrar().isIdle()
        || handover.isUnderWay();
  }

  long now() {
    return around.clock().getAsLong();
  }

  long term() {
    return term;
  }

  public long selfReplica() {
    return raft.self().replica();
  }

  LoadSample load() {
    return load;
  }

  Errors errors() {
    return errors;
  }

  WriteLoop writes() {
    return writes;
  }

  LeaseLoop leases() {
    return leases;
  }

  /** What it knows of transactions over several regions. */
  public TxnLoop txns() {
    return txns;
  }

  ReadLoop reads() {
    return reads;
  }

  long appliedStamp() {
    return machine.lastStamp();
  }

  void flightsChanged() {
    flightsChanged = true;
  }

  /**
   * Whether all keys of an admitted call are this region's still, and it serves. A split since then does not matter to those that
   * stayed: nobody else could write them. But once the range has grown, keys may have gone and come back: an older call is sent
   * away.
   */
  boolean ownsKeys(Call call) {
    RegionStore.Shape shape = machine.store().shape();
    long asked = call.epochVersion();
    return !shape.frozen()
        && (asked == shape.descriptor().epoch().version()
            || (asked >= shape.grownAt()
                && call.footprint().liesIn(shape.descriptor().range())));
  }

  void answer(Call call, Outcome outcome) {
    reader.answer(call, outcome, 0);
  }

  /** About how many bytes of data the replica holds, on disk and in memory. Reads table properties only. */
  public long approximateBytes() {
    return machine.store().approximateBytes();
  }
}
