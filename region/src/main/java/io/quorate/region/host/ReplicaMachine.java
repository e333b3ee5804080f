package io.quorate.region.host;

import io.quorate.model.KeyRange;
import io.quorate.model.Peer;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionId;
import io.quorate.raft.LogEntry;
import io.quorate.raft.Membership;
import io.quorate.raft.ReplicaId;
import io.quorate.raft.StateMachine;
import io.quorate.raft.host.RangeSnapshots;
import io.quorate.region.command.MergeState;
import io.quorate.region.storage.RangeInstall;
import io.quorate.region.storage.RangeSnapshot;
import io.quorate.region.storage.RegionStore;
import io.quorate.region.storage.ReplicaRecord;
import io.quorate.region.storage.SharedStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.rocksdb.WriteBatch;

/**
 * What the log of one replica drives: the region's own machine once there is a region here, and before that an empty place
 * which a snapshot can fill. Owned by {@link ReplicaLife}. Thread: the log's apply thread, except for what it says of snapshots.
 */
final class ReplicaMachine implements StateMachine<EntryResult>, RangeSnapshots {
  /** Told on the apply thread, of damage on a reader's; must be short. */
  interface Fate {
    /** A snapshot has filled the place: there is a region now. */
    void filled(ReplicaMachine machine);

    /** The replica has applied its own removal. */
    void removed(ReplicaMachine machine, long membership);

    /** The log has stopped for good. */
    void failed(ReplicaMachine machine);

    /** It cannot go on here, though its log could. */
    void broken(ReplicaMachine machine);

    /** Its data were found to differ from its leader's. */
    void damaged(ReplicaMachine machine, String reason);
  }

  /** What all replicas of a store share. */
  record Shared(
      SharedStore store,
      RangeClaims claims,
      RangeInstall install,
      RegionStateMachine.Parts parts,
      Fate fate) {}

  private final Shared shared;
  private final RegionId region;
  private final ReplicaId self;
  private volatile @Nullable RegionStateMachine inner;
  private volatile boolean installFailed;

  ReplicaMachine(Shared shared, RegionId region, ReplicaId self, Optional<RegionStore> whole) {
    this.shared = shared;
    this.region = region;
    this.self = self;
    whole.ifPresent(store -> inner = machine(store));
  }

  private RegionStateMachine machine(RegionStore store) {
    RegionStateMachine made = new RegionStateMachine(store, shared.parts());
    made.onDamage(reason -> shared.fate().damaged(this, reason));
    made.onBroken(() -> shared.fate().broken(this));
    return made;
  }

  /** Whether the last snapshot that came could not be installed. */
  boolean installFailed() {
    return installFailed;
  }

  RegionId region() {
    return region;
  }

  ReplicaId self() {
    return self;
  }

  /** The region's machine, once there is a region here. */
  Optional<RegionStateMachine> inner() {
    return Optional.ofNullable(inner);
  }

  @Override
  public long appliedIndex() {
    RegionStateMachine machine = inner;
    return machine == null ? 0 : machine.appliedIndex();
  }

  @Override
  public List<EntryResult> apply(List<LogEntry> entries) {
    RegionStateMachine machine = inner;
    if (machine == null) {
      throw new IllegalStateException("region " + region + " is empty here, but is to apply entry "
          + entries.get(0).index());
    }
    return machine.apply(entries);
  }

  @Override
  public void onMembership(long index, long term, Membership membership) {
    RegionStateMachine machine = inner;
    if (machine == null) {
      return;
    }
    boolean leaves = isIn(machine.descriptor())
        && !membership.voters().contains(self)
        && !membership.learners().contains(self);
    if (leaves) {
      // Before the descriptor forgets it: a start in between must not take it for one that is yet
      // to be added.
      machine
          .store()
          .whileAlive(
              () -> shared.store().note(region, self.replica(), ReplicaRecord.State.REMOVED));
    }
    machine.onMembership(index, term, membership);
    if (leaves) {
      shared.fate().removed(this, machine.descriptor().epoch().membership());
    }
  }

  private boolean isIn(RegionDescriptor descriptor) {
    return replicas(descriptor).contains(self.replica());
  }

  private static Set<Long> replicas(RegionDescriptor descriptor) {
    return descriptor.peers().stream().map(Peer::replica).collect(Collectors.toSet());
  }

  @Override
  public void onLeading(long term) {
    RegionStateMachine machine = inner;
    if (machine != null) {
      machine.onLeading(term);
    }
  }

  @Override
  public void onLeadershipLost(long term) {
    RegionStateMachine machine = inner;
    if (machine != null) {
      machine.onLeadershipLost(term);
    }
  }

  @Override
  public void onFailure(String reason) {
    RegionStateMachine machine = inner;
    if (machine != null) {
      machine.onFailure(reason);
    }
    shared.fate().failed(this);
  }

  // ------------------------------------------------------------------ snapshots

  @Override
  public Pinned pin() {
    return RangeSnapshot.of(shared.store(), region);
  }

  @Override
  public boolean suffices(byte[] description) {
    RegionStateMachine machine = inner;
    Set<Long> then = replicas(RangeInstall.descriptor(description));
    return machine != null && then.containsAll(replicas(machine.descriptor()));
  }

  /*
   * A state is for those who are members in it. The commit of a merge joins what lies on the same store: it can be applied by
   * those only who had confirmed that the right region is there, frozen. Who is a member in a state needs none of those that are
   * committed after it, for it has confirmed them; who came later must begin with a state that holds them.
   */
  @Override
  public Optional<String> refusal(byte[] description) {
    RegionDescriptor coming = RangeInstall.descriptor(description);
    if (!coming.id().equals(region)) {
      return Optional.of("region " + region + " is sent a snapshot of " + coming);
    }
    if (!isIn(coming)) {
      return Optional.of("r" + self.replica() + " is no member yet in " + coming + ", ask again");
    }
    return shared.claims().claim(region, coming.range(), RangeInstall.merges(description));
  }

  @Override
  public void abandon() {
    shared.claims().release(region);
  }

  @Override
  public void install(
      Path files, long index, long term, byte[] description, Consumer<WriteBatch> raftState)
      throws IOException {
    // Until it is done: then the log goes on, and nobody asks.
    installFailed = true;
    RegionStateMachine machine = inner;
    if (machine == null) {
      install(files, Optional.empty(), index, term, description, raftState);
      inner = machine(shared.store().open(region));
      shared.fate().filled(this);
    } else {
      KeyRange old = machine.descriptor().range();
      machine
          .store()
          .replace(() -> install(files, Optional.of(old), index, term, description, raftState));
      machine.replaced();
    }
    shared.claims().release(region);
    installFailed = false;
  }

  /** Regions of this store that ended in the one that comes, be it long ago. */
  private List<RegionStore> ended(byte[] description) {
    MergeState merges = RangeInstall.merges(description);
    List<RegionStore> ended = new ArrayList<>();
    for (MergeState.Ended one : merges.ended()) {
      shared
          .store()
          .opened(one.region())
          .filter(here -> here.descriptor().epoch().version() <= one.version())
          .ifPresent(ended::add);
    }
    // In key order, as neighbours take each other in: nobody waits for whom he holds up.
    ended.sort(Comparator.comparing(one -> one.descriptor().range().start()));
    return ended;
  }

  private void install(
      Path files,
      Optional<KeyRange> old,
      long index,
      long term,
      byte[] description,
      Consumer<WriteBatch> raftState)
      throws IOException {
    List<RegionStore> ended = ended(description);
    shared.install().run(files, self.replica(), old, index, term, description, ended, raftState);
    RegionDescriptor whole = RangeInstall.descriptor(description);
    ended.forEach(one -> shared.parts().merges().ended(one.descriptor().id(), whole));
  }
}
