package io.quorate.raft.host;

import com.alipay.sofa.jraft.Closure;
import com.alipay.sofa.jraft.Iterator;
import com.alipay.sofa.jraft.Status;
import com.alipay.sofa.jraft.conf.Configuration;
import com.alipay.sofa.jraft.entity.LeaderChangeContext;
import com.alipay.sofa.jraft.error.RaftError;
import com.alipay.sofa.jraft.error.RaftException;
import com.alipay.sofa.jraft.storage.snapshot.SnapshotReader;
import com.alipay.sofa.jraft.storage.snapshot.SnapshotWriter;
import io.quorate.model.Bytes;
import io.quorate.raft.GroupId;
import io.quorate.raft.LogEntry;
import io.quorate.raft.LogException;
import io.quorate.raft.LogException.Kind;
import io.quorate.raft.Membership;
import io.quorate.raft.StateMachine;
import io.quorate.raft.storage.SnapshotRecord;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings jraft's committed entries to a state machine in batches, and the answers to those who proposed them; owned by its
 * group, called by the group's apply stage, one call at a time.
 */
final class GroupMachine<R> implements com.alipay.sofa.jraft.StateMachine {
  /** What else must know. */
  interface Events {
    void leading(long term);

    /** Entries from the index on are applied next: what stands before them is to be told before. */
    void applying(long index);

    /** Answers the term that was led, 0 if none. */
    long notLeading();

    void following(LeaderChangeContext context);

    void followingNobody();

    void failed(String reason);

    /** Replaces the state by what was fetched. */
    SnapshotRecord install(RangeReader fetched) throws Exception;

    /** The state was replaced by the snapshot's. */
    void loaded(SnapshotRecord snapshot);
  }

  private static final Logger log = LoggerFactory.getLogger(GroupMachine.class);

  /** First byte of a saved state; none at all means the state a group is seeded with. */
  private static final int STATE_FORMAT = 1;

  private final GroupId group;
  private final StateMachine<R> machine;
  private final Snapshots snapshots;
  private final RaftConfig config;
  private final Events events;
  private final RaftMetrics metrics;
  /** Entries up to here are in the machine's own storage. */
  private final long skipUpTo;

  private boolean broken;

  GroupMachine(
      GroupId group,
      StateMachine<R> machine,
      Snapshots snapshots,
      RaftConfig config,
      Events events,
      RaftMetrics metrics) {
    this.metrics = metrics;
    this.group = group;
    this.machine = machine;
    this.snapshots = snapshots;
    this.config = config;
    this.events = events;
    this.skipUpTo = machine.appliedIndex();
  }

  @Override
  public void onApply(Iterator entries) {
    List<LogEntry> batch = new ArrayList<>();
    List<@Nullable Proposal<R>> proposals = new ArrayList<>();
    int bytes = 0;
    if (entries.hasNext()) {
      events.applying(entries.getIndex());
    }
    while (entries.hasNext()) {
      if (entries.getData().remaining() == 0) {
        // A nudge of the host's own (JraftLog.nudge).
        entries.next();
        continue;
      }
      Proposal<R> proposal = proposal(entries.done());
      if (entries.getIndex() > skipUpTo) {
        byte[] data = copy(entries.getData());
        bytes += data.length;
        batch.add(new LogEntry(entries.getIndex(), entries.getTerm(), Bytes.wrap(data)));
        proposals.add(proposal);
      } else if (proposal != null) {
        proposal.fail(new LogException(
            Kind.INDETERMINATE, "entry " + entries.getIndex() + " was applied before"));
      }
      entries.next();
      if (batch.size() >= config.maxApplyEntries() || bytes >= config.maxApplyBytes()) {
        apply(batch, proposals);
        batch = new ArrayList<>();
        proposals = new ArrayList<>();
        bytes = 0;
      }
    }
    if (!batch.isEmpty()) {
      apply(batch, proposals);
    }
  }

  private void apply(List<LogEntry> batch, List<@Nullable Proposal<R>> proposals) {
    List<R> answers;
    long begun = System.nanoTime();
    try {
      answers = machine.apply(batch);
      if (answers.size() != batch.size()) {
        throw new IllegalStateException(
            answers.size() + " answers for " + batch.size() + " entries");
      }
    } catch (RuntimeException | Error e) {
      String why = "entries " + batch.get(0).index() + " to "
          + batch.get(batch.size() - 1).index() + " not applied: " + e;
      log.error("group={} {}", group, why, e);
      fail(why);
      for (Proposal<R> proposal : proposals) {
        if (proposal != null) {
          proposal.fail(new LogException(Kind.INDETERMINATE, why));
        }
      }
      throw e;
    }
    metrics.applied(batch.size(), System.nanoTime() - begun);
    for (int i = 0; i < answers.size(); i++) {
      Proposal<R> proposal = proposals.get(i);
      if (proposal != null) {
        proposal.applied(answers.get(i));
      }
    }
  }

  @SuppressWarnings("unchecked") // the group's log hands out no other closures with data
  private static <R> @Nullable Proposal<R> proposal(@Nullable Closure done) {
    return (Proposal<R>) done;
  }

  /** The buffer is shared with the log and the replicators. */
  private static byte[] copy(ByteBuffer data) {
    if (data.hasArray()
        && data.arrayOffset() == 0
        && data.position() == 0
        && data.remaining() == data.array().length) {
      return data.array();
    }
    byte[] copy = new byte[data.remaining()];
    data.duplicate().get(copy);
    return copy;
  }

  @Override
  public void onLeaderStart(long term) {
    if (!broken) {
      log.info("group={} leading term={}", group, term);
      events.leading(term);
      machine.onLeading(term);
    }
  }

  @Override
  public void onLeaderStop(Status status) {
    long term = events.notLeading();
    if (term > 0) {
      log.info("group={} stops leading term={}: {}", group, term, status.getErrorMsg());
      machine.onLeadershipLost(term);
    }
  }

  @Override
  public void onStartFollowing(LeaderChangeContext context) {
    events.following(context);
  }

  @Override
  public void onStopFollowing(LeaderChangeContext context) {
    events.followingNobody();
  }

  /** Told by {@link #membership}, which also sees the entries jraft does not report. */
  @Override
  public void onConfigurationCommitted(Configuration configuration) {}

  void membership(long index, long term, Membership membership) {
    if (!broken && index > skipUpTo) {
      machine.onMembership(index, term, membership);
    }
  }

  @Override
  public void onError(RaftException e) {
    fail(e.getType() + ": " + e.getStatus());
  }

  private void fail(String reason) {
    if (!broken) {
      broken = true;
      log.error("group={} failed here and stops: {}", group, reason);
      events.failed(reason);
      machine.onFailure(reason);
    }
  }

  boolean broken() {
    return broken;
  }

  private boolean install(RangeReader fetched) {
    try {
      events.loaded(events.install(fetched));
      return true;
    } catch (Exception e) {
      // The group stops here; whoever owns it makes an empty replica of what is left, at once or at
      // the next start, and that fetches again.
      log.error(
          "group={} snapshot as of {} not installed",
          group,
          fetched.load().getLastIncludedIndex(),
          e);
      return false;
    }
  }

  @Override
  public void onShutdown() {}

  @Override
  public void onSnapshotSave(SnapshotWriter writer, Closure done) {
    if (!(snapshots instanceof Snapshots.SmallState state)) {
      done.run(Status.OK());
      return;
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(STATE_FORMAT);
    try {
      state.hooks().save(out);
    } catch (IOException e) {
      done.run(new Status(RaftError.EINTERNAL, "state not saved: %s", e.getMessage()));
      return;
    }
    if (out.size() > config.maxStateBytes()) {
      log.error(
          "group={} state of {} bytes exceeds {}, its log is not cut any more",
          group,
          out.size(),
          config.maxStateBytes());
      done.run(new Status(RaftError.EINTERNAL, "state of %d bytes is too large", out.size()));
      return;
    }
    ((StateWriter) writer).state(out.toByteArray());
    done.run(Status.OK());
  }

  @Override
  public boolean onSnapshotLoad(SnapshotReader reader) {
    if (reader instanceof RangeReader fetched) {
      return install(fetched);
    }
    SnapshotRecord snapshot = ((StateReader) reader).snapshot();
    long index = snapshot.index();
    if (!(snapshots instanceof Snapshots.SmallState state)) {
      // Entries that are no business of the machine's, a new leader's first for one, may stand
      // before the cut: a note is never
      // durable without the effects it counts on, which were written before it. A machine that was
      // never written to has
      // nothing to show for the seed.
      boolean has = skipUpTo > 0 || index <= 1;
      if (!has) {
        log.error(
            "group={} log was cut at {}, but the state is only as of {}", group, index, skipUpTo);
      }
      if (has) {
        events.loaded(snapshot);
      }
      return has;
    }
    Optional<byte[]> whole = ((StateReader) reader).state();
    if (whole.isPresent()) {
      try {
        InputStream in = new ByteArrayInputStream(whole.get());
        int format = in.read();
        if (format != STATE_FORMAT) {
          throw new IOException(
              "state of format " + format + ", only " + STATE_FORMAT + " is known");
        }
        state.hooks().load(in);
      } catch (IOException e) {
        log.error("group={} state as of {} not loaded", group, index, e);
        return false;
      }
    }
    events.loaded(snapshot);
    return true;
  }
}
