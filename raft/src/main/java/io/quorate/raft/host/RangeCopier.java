package io.quorate.raft.host;

import com.alipay.sofa.jraft.error.RaftError;
import com.alipay.sofa.jraft.storage.snapshot.SnapshotCopier;
import com.alipay.sofa.jraft.storage.snapshot.SnapshotReader;
import io.quorate.raft.GroupId;
import io.quorate.raft.transport.SnapshotFetching;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches one range snapshot from the leader's store; owned by jraft. Works on the first thread that joins it, which a retry's
 * thread waits for; may be cancelled by any. Never fails with EIO: jraft would take it for a broken disk and stop the replica
 * for good.
 */
final class RangeCopier extends SnapshotCopier {
  private static final Logger log = LoggerFactory.getLogger(RangeCopier.class);

  private final GroupId group;
  private final String uri;
  private final RangeExchange exchange;
  private final RangeSnapshots ranges;
  private final SnapshotFetching fetching = new SnapshotFetching();
  private final AtomicBoolean begun = new AtomicBoolean();
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile @Nullable SnapshotReader reader;

  RangeCopier(GroupId group, String uri, RangeExchange exchange, RangeSnapshots ranges) {
    this.group = group;
    this.uri = uri;
    this.exchange = exchange;
    this.ranges = ranges;
  }

  @Override
  public void start() {}

  @Override
  public void join() throws InterruptedException {
    if (!begun.compareAndSet(false, true)) {
      ended.await();
      return;
    }
    try {
      reader = exchange.fetch(group, uri, ranges, fetching);
    } catch (RuntimeException e) {
      // Whatever it was, the leader tries again.
      log.info("group={} snapshot not received: {}", group, e.getMessage());
      setError(RaftError.EAGAIN, "%s", e.getMessage());
    } finally {
      ended.countDown();
    }
  }

  @Override
  public void cancel() {
    fetching.cancel();
  }

  @Override
  public @Nullable SnapshotReader getReader() {
    return reader;
  }

  @Override
  public void close() {}
}
