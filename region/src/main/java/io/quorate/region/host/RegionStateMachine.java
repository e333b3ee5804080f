package io.quorate.region.host;

import io.quorate.model.RegionDescriptor;
import io.quorate.raft.LogEntry;
import io.quorate.raft.Membership;
import io.quorate.raft.StateMachine;
import io.quorate.region.command.Mutation;
import io.quorate.region.storage.ApplySession;
import io.quorate.region.storage.RegionStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Applies one region's committed entries: each on a state that sees those before it, then one write of all, then the events.
 * Owned by the region's host. Thread: the log's apply thread; the counters may be read from any.
 */
final class RegionStateMachine implements StateMachine<EntryResult> {
  private final RegionStore store;
  private final ApplyHook hook;
  private @Nullable RegionHost host;
  private long ledTerm;
  private @Nullable String failure;
  private final LongAdder writtenKeys = new LongAdder();
  private final LongAdder writtenBytes = new LongAdder();

  RegionStateMachine(RegionStore store, ApplyHook hook) {
    this.store = store;
    this.hook = hook;
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

  /** A snapshot took the place of what was applied. */
  void replaced() {
    RegionHost told;
    synchronized (this) {
      told = host;
    }
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
    List<EntryResult> results = new ArrayList<>(entries.size());
    try (ApplySession session = store.begin()) {
      for (LogEntry entry : entries) {
        results.add(new EntryResult(entry.index(), session.applyEntry(entry)));
      }
      session.commit();
      publish(entries.get(entries.size() - 1).index(), session.mutations());
    }
    return results;
  }

  private void publish(long index, List<Mutation> mutations) {
    long bytes = 0;
    for (Mutation mutation : mutations) {
      bytes += mutation.key().length() + mutation.version().value().length();
    }
    writtenKeys.add(mutations.size());
    writtenBytes.add(bytes);
    hook.applied(store.descriptor(), index, mutations);
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
