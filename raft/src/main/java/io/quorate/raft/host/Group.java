package io.quorate.raft.host;

import com.alipay.sofa.jraft.conf.Configuration;
import com.alipay.sofa.jraft.conf.ConfigurationEntry;
import com.alipay.sofa.jraft.entity.LeaderChangeContext;
import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.storage.LogManager;
import io.quorate.proto.GroupTerm;
import io.quorate.raft.GroupId;
import io.quorate.raft.Membership;
import io.quorate.raft.ReplicaId;
import io.quorate.raft.StateMachine;
import io.quorate.raft.storage.PeerIds;
import io.quorate.raft.storage.SharedLogStorage;
import io.quorate.raft.storage.SharedMetaStorage;
import io.quorate.raft.storage.SnapshotRecord;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One replica of one group: a jraft node with all that is ours around it. Owned by the {@link RaftHost}; any thread, except
 * what it is told by its own apply stage.
 */
final class Group implements ReadBarrier.Group, GroupMachine.Events {
  private static final Logger log = LoggerFactory.getLogger(Group.class);
  private static final long STOP_SECONDS = 10;

  private final GroupId id;
  private final ReplicaId self;
  private final HostParts host;
  private final PeerId peer;
  private final GroupNode node;
  private final SharedMetaStorage meta;
  private final SharedLogStorage storage;
  private final GroupSnapshots snapshots;
  private final GroupMachine<?> machine;
  private final LeadershipView leadership;
  private final AppliedWait applied = new AppliedWait();
  private final ReadBarrier barrier;
  private final GroupRequests requests;
  private final Candidate candidate;
  private final LogCut logCut;
  private final Proposals proposals;
  private final Followers followers;

  private volatile @Nullable LogManager logManager;
  private volatile JraftFields.@Nullable Parts parts;
  private volatile Membership membership = Membership.ofVoters(List.of());
  private volatile @Nullable String ended;
  private volatile boolean ready;
  /** Written by the apply stage. */
  private long membershipsTold;

  <R> Group(
      GroupId id,
      ReplicaId self,
      HostParts host,
      StateMachine<R> user,
      Snapshots kind,
      String name) {
    this.id = id;
    this.self = self;
    this.host = host;
    this.peer = host.peers().toPeer(self);
    this.meta = new SharedMetaStorage(host.database(), id, host.peers());
    this.storage = new SharedLogStorage(host.database(), id, host.peers());
    this.snapshots =
        new GroupSnapshots(id, host.peers(), host.database(), host.states(), host.ranges(), kind);
    this.leadership = new LeadershipView(self, meta::promisedTerm);
    this.machine = new GroupMachine<>(id, user, kind, host.config(), this, host.metrics());
    this.barrier = new ReadBarrier(
        this,
        applied,
        host.config().maxPendingReads(),
        host.config().barrierTimeout().toNanos());
    this.node = new GroupNode(name, peer);
    this.requests = new GroupRequests(this, node, host);
    this.proposals = new Proposals(host.config().maxPendingProposals(), host.metrics());
    this.followers = new Followers(this, host);
    this.candidate = new Candidate(this, node, host.timers());
    this.logCut = new LogCut(this, storage, snapshots, host, kind);
  }

  /** Starts the node; throws, saying why, if it does not come up. */
  void start() {
    storage.onDamage(this::failed);
    host.timers().whileStarting(() -> {
      boolean up = node.init(GroupNode.options(
          host.config(),
          id.value(),
          host.peers(),
          host.transport(),
          host.elections(),
          new GroupNode.Stores(storage, meta, snapshots),
          machine,
          this::built));
      if (!up) {
        throw new IllegalStateException("group=" + id + " does not start: see the log above");
      }
    });
    ScheduledExecutorService scanner = JraftFields.readScanner(node);
    scanner.shutdownNow();
    JraftFields.Parts started = JraftFields.parts(node);
    parts = started;
    followers.begin(started.replicators());
    snapshots.serve(new Offers());
    ready = true;
  }

  /** The stages exist, nothing is applied yet. */
  private void built() {
    logManager = JraftFields.log(node);
    JraftFields.caller(node).addLastAppliedLogIndexListener(this::onApplied);
  }

  /** Called by the apply stage, for every kind of entry. */
  private void onApplied(long index) {
    if (!machine.broken()) {
      tellMemberships(index);
      applied.advance(index);
    }
  }

  @Override
  public SnapshotRecord install(RangeReader fetched) throws Exception {
    return snapshots.install(fetched);
  }

  /** What is said of a snapshot for another replica. */
  private final class Offers implements GroupSnapshots.Offers {
    @Override
    public SnapshotRecord asOf(RangeSnapshots.Pinned pinned, SnapshotRecord cut) {
      if (cut.index() >= pinned.index()) {
        // What stands between the two is no business of the machine's.
        return cut;
      }
      ConfigurationEntry then = started().log().getConfiguration(pinned.index());
      return new SnapshotRecord(
          pinned.index(),
          pinned.term(),
          host.peers().toMembership(then.getConf()),
          then.getOldConf().isEmpty()
              ? Optional.empty()
              : Optional.of(host.peers().toMembership(then.getOldConf())));
    }

    @Override
    public long firstIndex() {
      return storage.getFirstLogIndex();
    }
  }

  @Override
  public void applying(long index) {
    tellMemberships(index - 1);
  }

  /**
   * Called by the apply stage, in log order with the entries: jraft reports the joint stages only. Each stable configuration
   * is told, also where several stand between two entries, so that every replica counts alike.
   */
  private void tellMemberships(long upTo) {
    LogManager entries = logManager;
    if (entries == null || upTo <= membershipsTold) {
      return;
    }
    Deque<ConfigurationEntry> news = new ArrayDeque<>();
    ConfigurationEntry at = entries.getConfiguration(upTo);
    while (at.getId().getIndex() > membershipsTold) {
      news.push(at);
      at = entries.getConfiguration(at.getId().getIndex() - 1);
    }
    membershipsTold = upTo;
    for (ConfigurationEntry next : news) {
      if (!next.getConf().isEmpty() && next.getOldConf().isEmpty()) {
        follow(next.getId().getIndex(), next.getId().getTerm(), next.getConf());
      }
    }
  }

  private void follow(long index, long term, Configuration configuration) {
    Membership now = host.peers().toMembership(configuration);
    if (!now.equals(membership)) {
      boolean risen = membership.learners().contains(self) && now.voters().contains(self);
      membership = now;
      if (risen) {
        host.elections().execute(node::watchLeader);
      }
      machine.membership(index, term, now);
    }
  }

  /** Called by the apply stage: the state is as of a snapshot, of which jraft tells no listener. */
  @Override
  public void loaded(SnapshotRecord snapshot) {
    membershipsTold = Math.max(membershipsTold, snapshot.index());
    if (snapshot.previous().isEmpty() && !snapshot.membership().equals(membership)) {
      membership = snapshot.membership();
      if (ready) {
        machine.membership(snapshot.index(), snapshot.term(), membership);
      }
    }
    applied.advance(snapshot.index());
  }

  /**
   * Stops the node and waits; what is pending fails.
   *
   * @return whether it is down; if not, a stage of it hangs, and may still write
   */
  boolean stop() {
    ready = false;
    CountDownLatch down = new CountDownLatch(1);
    node.shutdown(status -> down.countDown());
    boolean isDown = false;
    try {
      isDown = down.await(STOP_SECONDS, TimeUnit.SECONDS);
      if (!isDown) {
        log.warn("group={} is not down after {} s", id, STOP_SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    String why = "group=" + id + " is stopped";
    end(why);
    proposals.end(why);
    return isDown;
  }

  private void end(String why) {
    ended = why;
    leadership.stopLeading();
    barrier.end(why);
    applied.end();
  }

  @Override
  public GroupId id() {
    return id;
  }

  @Override
  public ReplicaId self() {
    return self;
  }

  GroupNode node() {
    return node;
  }

  PeerIds peers() {
    return host.peers();
  }

  PeerId peer() {
    return peer;
  }

  boolean ready() {
    return ready;
  }

  /** Whether it was seeded or has received a state. */
  boolean hasBase() {
    return snapshots.newest().isPresent();
  }

  Optional<String> ended() {
    return Optional.ofNullable(ended);
  }

  RaftMetrics metrics() {
    return host.metrics();
  }

  LeadershipView leadership() {
    return leadership;
  }

  Membership membership() {
    return membership;
  }

  long appliedIndex() {
    return applied.applied();
  }

  /** Tells the waiter true once all that is committed by now is applied, false if the group ends before. */
  void whenApplied(Consumer<Boolean> waiter) {
    applied.await(committedIndex(), waiter);
  }

  Followers followers() {
    return followers;
  }

  ReadBarrier barrier() {
    return barrier;
  }

  GroupRequests requests() {
    return requests;
  }

  long promisedTerm() {
    return meta.promisedTerm();
  }

  // What the apply stage reports.

  @Override
  public void leading(long term) {
    if (ended == null) {
      leadership.lead(term);
    }
  }

  @Override
  public long notLeading() {
    return leadership.stopLeading();
  }

  @Override
  public void following(LeaderChangeContext context) {
    leadership.follow(host.peers().toReplica(context.getLeaderId()));
  }

  @Override
  public void followingNobody() {
    leadership.followNobody();
  }

  @Override
  public void failed(String reason) {
    end("group=" + id + " failed: " + reason);
  }

  // What a read barrier looks up.

  @Override
  public Optional<Long> leadingTerm() {
    long term = leadership.leadingTerm();
    return term > 0 && parts != null ? Optional.of(term) : Optional.empty();
  }

  @Override
  public boolean promisedBeyond(long term) {
    return meta.promisedTerm() > term;
  }

  @Override
  public long committedIndex() {
    return started().ballots().getLastCommittedIndex();
  }

  @Override
  public Quorum quorum() {
    ConfigurationEntry newest = started().log().checkAndSetConfiguration(new ConfigurationEntry());
    List<List<ReplicaId>> sets = new ArrayList<>(2);
    sets.add(host.peers().toReplicas(newest.getConf().getPeers()));
    if (!newest.getOldConf().isEmpty()) {
      sets.add(host.peers().toReplicas(newest.getOldConf().getPeers()));
    }
    return new Quorum(sets);
  }

  @Override
  public void ask(ReplicaId voter, GroupTerm question, Consumer<Boolean> answer) {
    host.transport().link(voter.store()).confirm(question, answer);
  }

  @Override
  public void asked(List<ReplicaId> voters) {
    voters.forEach(voter -> host.transport().link(voter.store()).flush());
  }

  @Override
  public void underWay(boolean any) {
    host.roundUnderWay(this, any);
  }

  /** Answers another store's barrier question. */
  boolean refuses(GroupTerm asked) {
    return !ready || asked.getReplicaId() != self.replica() || promisedBeyond(asked.getTerm());
  }

  // What the host asks of its parts.

  /** Asks for votes at once, without asking beforehand whether it might win. Waits for the disk. */
  void campaign() {
    candidate.campaign();
  }

  /** The store of the leader this replica follows is gone: campaign when it is its turn. */
  void leaderLost(long store, long jitterMillis) {
    candidate.leaderLost(store, jitterMillis);
  }

  LogCut logCut() {
    return logCut;
  }

  Proposals proposals() {
    return proposals;
  }

  private JraftFields.Parts started() {
    JraftFields.Parts started = parts;
    if (started == null) {
      throw new IllegalStateException("group=" + id + " is not started");
    }
    return started;
  }
}
