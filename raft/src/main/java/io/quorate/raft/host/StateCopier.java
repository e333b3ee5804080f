package io.quorate.raft.host;

import com.alipay.sofa.jraft.error.RaftError;
import com.alipay.sofa.jraft.storage.snapshot.SnapshotCopier;
import com.alipay.sofa.jraft.storage.snapshot.SnapshotReader;
import io.quorate.raft.GroupId;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies one state from the leader's store; owned by jraft, works on the thread that joins it, may be cancelled by another.
 * Never fails with EIO: jraft would take it for a broken disk and stop the replica for good.
 */
final class StateCopier extends SnapshotCopier {
  private static final Logger log = LoggerFactory.getLogger(StateCopier.class);

  private final GroupId group;
  private final String uri;
  private final StateExchange exchange;
  private final Function<StateExchange.Whole, SnapshotReader> keep;
  private volatile boolean cancelled;
  private volatile @Nullable SnapshotReader reader;

  StateCopier(
      GroupId group,
      String uri,
      StateExchange exchange,
      Function<StateExchange.Whole, SnapshotReader> keep) {
    this.group = group;
    this.uri = uri;
    this.exchange = exchange;
    this.keep = keep;
  }

  @Override
  public void start() {}

  @Override
  public void join() throws InterruptedException {
    if (reader != null || !isOk()) {
      return;
    }
    try {
      StateExchange.Whole whole = exchange.fetch(uri, group.value(), () -> cancelled);
      reader = keep.apply(whole);
      log.info(
          "group={} state of {} bytes as of {} received from {}",
          group,
          whole.state().length(),
          whole.meta().getLastIncludedIndex(),
          uri);
    } catch (IllegalStateException e) {
      log.warn("group={} state not received: {}", group, e.getMessage());
      setError(RaftError.EAGAIN, "%s", e.getMessage());
    }
  }

  @Override
  public void cancel() {
    cancelled = true;
  }

  @Override
  public @Nullable SnapshotReader getReader() {
    return reader;
  }

  @Override
  public void close() {}
}
