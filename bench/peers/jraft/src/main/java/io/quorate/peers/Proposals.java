package io.quorate.peers;

import com.alipay.sofa.jraft.Node;
import com.alipay.sofa.jraft.Status;
import com.alipay.sofa.jraft.entity.Task;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/**
 * Keeps a fixed number of proposals in flight, spread evenly over the groups: whenever one is applied, the next of the
 * same group follows, from the thread that applied it.
 */
final class Proposals {
  private static final long DRAIN_SECONDS = 20;
  private static final Executor AFTER_ERROR =
      CompletableFuture.delayedExecutor(10, TimeUnit.MILLISECONDS);

  private final List<StockGroup> groups;
  private final byte[] payload;
  private final Recorder recorder = new Recorder(3);
  private final AtomicLong errors = new AtomicLong();
  private final CountDownLatch running;
  private volatile boolean stopped;

  Proposals(List<StockGroup> groups, int inFlight, int payloadBytes) {
    this.groups = groups;
    this.payload = new byte[payloadBytes];
    this.running = new CountDownLatch(Math.max(inFlight, groups.size()));
  }

  /** How many proposals are in flight: what was asked for, but at least one per group. */
  long inFlight() {
    return running.getCount();
  }

  void start() {
    long count = running.getCount();
    for (long i = 0; i < count; i++) {
      proposeNext(groups.get((int) (i % groups.size())));
    }
  }

  /** Forgets what was measured up to now. */
  void reset() {
    recorder.reset();
    errors.set(0);
  }

  /** The latencies since the last reset, in nanoseconds. */
  Histogram latencies() {
    return recorder.getIntervalHistogram();
  }

  /** Proposals refused or lost since the last reset; each was made again. */
  long errors() {
    return errors.get();
  }

  /** Ends the load, and returns how many proposals jraft never answered. */
  long stop() throws InterruptedException {
    stopped = true;
    return running.await(DRAIN_SECONDS, TimeUnit.SECONDS) ? 0 : running.getCount();
  }

  private void proposeNext(StockGroup group) {
    if (stopped) {
      running.countDown();
      return;
    }
    long start = System.nanoTime();
    Node leader = group.leader();
    leader.apply(new Task(ByteBuffer.wrap(payload), status -> answered(group, start, status)));
  }

  private void answered(StockGroup group, long start, Status status) {
    if (status.isOk()) {
      recorder.recordValue(System.nanoTime() - start);
      proposeNext(group);
    } else {
      errors.incrementAndGet();
      AFTER_ERROR.execute(() -> proposeNext(group));
    }
  }
}
