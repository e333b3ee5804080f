package io.quorate.client.placement;

import io.quorate.proto.OracleAnswer;
import io.quorate.proto.OracleAsk;
import io.quorate.proto.OracleRequest;
import io.quorate.proto.OracleResponse;
import io.quorate.proto.PlacementError;
import io.quorate.proto.PlacementServiceGrpc;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Asks PD's revision oracle over one stream. What waits while batches are in flight goes as one
 * ask, so that the number of messages does not grow with the number of askers. Asks survive a
 * change of PD's leader: a number that nobody heard of is a gap. Owned by {@link PlacementClient};
 * safe on any thread; futures complete on the placement client's loop, where nobody may block.
 *
 * <p>A future completes only with an answer to a question that was sent after the call; an answer
 * of a smaller term, or with a smaller number than was known when the question was sent, is refused
 * and asked again.
 */
public final class OracleClient {
  private final LeaderFinder finder;
  private final PlacementClientConfig config;
  private final ScheduledExecutorService loop;
  private final LeaderStream<OracleRequest, OracleResponse> stream;

  private final Queue<OracleWaiter> arrivals = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean woken = new AtomicBoolean();
  private final AtomicInteger pending = new AtomicInteger();
  private final AtomicLong seen = new AtomicLong();
  private volatile OracleState newest = OracleState.NONE;

  // Below: confined to the loop.
  private final ArrayDeque<OracleWaiter> nexts = new ArrayDeque<>();
  private final ArrayDeque<OracleWaiter> currents = new ArrayDeque<>();
  private final ArrayDeque<OracleBatch> inFlight = new ArrayDeque<>();
  private long lastAskId;
  private long highestTerm;
  private boolean started;
  private boolean watchdogArmed;
  private boolean closed;

  OracleClient(LeaderFinder finder, PlacementClientConfig config, ScheduledExecutorService loop) {
    this.finder = finder;
    this.config = config;
    this.loop = loop;
    this.stream = new LeaderStream<>(
        finder,
        config,
        loop,
        PlacementServiceGrpc.getOracleMethod(),
        OracleResponse::getError,
        new StreamHandler());
  }

  /**
   * Takes consecutive new revisions.
   *
   * @param count how many, 1 or more
   * @return fails with {@link PlacementException} when PD gave none in time
   */
  public CompletableFuture<RevisionBlock> next(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("count must be 1 or more, not " + count);
    }
    return ask(count).block;
  }

  /**
   * The highest revision handed out, asked after this call.
   *
   * @return fails with {@link PlacementException} when PD did not answer in time
   */
  public CompletableFuture<OracleState> current() {
    return ask(0).state;
  }

  /** The newest state that any answer brought; no question is sent. */
  public OracleState newestKnown() {
    return newest;
  }

  /** Tells of a revision seen elsewhere: PD must be at or above it. */
  public void observe(long revision) {
    if (revision > seen.get()) {
      seen.accumulateAndGet(revision, Math::max);
    }
  }

  private OracleWaiter ask(int count) {
    OracleWaiter waiter =
        new OracleWaiter(count, System.nanoTime() + config.requestTimeout().toNanos());
    if (pending.getAndIncrement() >= config.maxPendingAsks()) {
      pending.decrementAndGet();
      waiter.fail(new PlacementException(
          PlacementError.Code.BUSY,
          "more than " + config.maxPendingAsks() + " oracle asks wait (maxPendingAsks)"));
      return waiter;
    }
    arrivals.add(waiter);
    if (woken.compareAndSet(false, true)) {
      try {
        loop.execute(this::flush);
      } catch (RejectedExecutionException loopHasEnded) {
        waiter.fail(LeaderFinder.closedNow());
      }
    }
    return waiter;
  }

  void close() {
    closed = true;
    stream.close();
    takeArrivals();
    takeBack();
    failAll(nexts);
    failAll(currents);
  }

  private void failAll(ArrayDeque<OracleWaiter> waiters) {
    for (OracleWaiter waiter; (waiter = waiters.poll()) != null; ) {
      pending.decrementAndGet();
      waiter.fail(LeaderFinder.closedNow());
    }
  }

  private void takeArrivals() {
    woken.set(false);
    for (OracleWaiter waiter; (waiter = arrivals.poll()) != null; ) {
      (waiter.count == 0 ? currents : nexts).add(waiter);
    }
  }

  private void flush() {
    takeArrivals();
    if (closed) {
      failAll(nexts);
      failAll(currents);
      return;
    }
    if (!started) {
      started = true;
      stream.start();
    }
    armWatchdog();
    if ((!nexts.isEmpty() || !currents.isEmpty())
        && inFlight.size() < config.maxOracleBatches()
        && stream.isReady()) {
      sendBatch();
    }
  }

  private void sendBatch() {
    long known = seen.get();
    OracleRequest.Builder request =
        OracleRequest.newBuilder().setEnvelope(finder.identity().envelope());
    OracleBatch batch = new OracleBatch(known, System.nanoTime());
    if (!currents.isEmpty()) {
      batch.currentId = ++lastAskId;
      batch.currents.addAll(currents);
      currents.clear();
      request.addAsks(OracleAsk.newBuilder().setAskId(batch.currentId).setSeen(known));
    }
    if (!nexts.isEmpty()) {
      batch.nextId = ++lastAskId;
      while (!nexts.isEmpty()
          && (long) batch.nextCount + nexts.element().count <= Integer.MAX_VALUE) {
        OracleWaiter waiter = nexts.remove();
        batch.nextCount += waiter.count;
        batch.nexts.add(waiter);
      }
      request.addAsks(OracleAsk.newBuilder()
          .setAskId(batch.nextId)
          .setCount(batch.nextCount)
          .setSeen(known));
    }
    inFlight.add(batch);
    stream.send(request.build());
  }

  private void answered(OracleResponse response) {
    PlacementError error = response.getError();
    if (error.getCode() != PlacementError.Code.OK) {
      stream.restart(error.getCode() + " " + error.getMessage());
      return;
    }
    if (response.getTerm() < highestTerm) {
      stream.restart("term " + response.getTerm() + " is older than " + highestTerm);
      return;
    }
    highestTerm = response.getTerm();
    for (OracleAnswer answer : response.getAnswersList()) {
      if (!accept(response, answer)) {
        stream.restart("revision " + answer.getRevision() + " is older than one already known");
        return;
      }
    }
    inFlight.removeIf(OracleBatch::isDone);
    flush();
  }

  /** Whether the answer may be believed; an answer to no question is no harm. */
  private boolean accept(OracleResponse response, OracleAnswer answer) {
    for (OracleBatch batch : inFlight) {
      boolean current = batch.currentId == answer.getAskId() && !batch.currents.isEmpty();
      boolean next = batch.nextId == answer.getAskId() && !batch.nexts.isEmpty();
      if (!current && !next) {
        continue;
      }
      long first = answer.getRevision() - (next ? batch.nextCount : 0) + 1;
      if (next ? first <= batch.known : answer.getRevision() < batch.known) {
        return false;
      }
      OracleState state = new OracleState(
          answer.getRevision(),
          response.getCompacted(),
          response.getAuthRevision(),
          response.getFeatureLevel(),
          response.getTerm());
      observe(answer.getRevision());
      if (state.revision() >= newest.revision()) {
        newest = state;
      }
      if (current) {
        complete(batch.currents, 0, state);
      } else {
        complete(batch.nexts, first, state);
      }
      return true;
    }
    return true;
  }

  private void complete(List<OracleWaiter> waiters, long first, OracleState state) {
    List<OracleWaiter> served = List.copyOf(waiters);
    waiters.clear();
    pending.addAndGet(-served.size());
    long from = first;
    for (OracleWaiter waiter : served) {
      waiter.complete(from, state);
      from += waiter.count;
    }
  }

  /** What was in flight on a stream that is gone waits again, before what came later. */
  private void takeBack() {
    for (OracleBatch batch; (batch = inFlight.pollLast()) != null; ) {
      for (int i = batch.nexts.size() - 1; i >= 0; i--) {
        nexts.addFirst(batch.nexts.get(i));
      }
      for (int i = batch.currents.size() - 1; i >= 0; i--) {
        currents.addFirst(batch.currents.get(i));
      }
    }
  }

  private void armWatchdog() {
    if (!watchdogArmed && pending.get() > 0) {
      watchdogArmed = true;
      var unused = loop.schedule(
          this::watch, Math.max(1, config.attemptTimeout().toMillis() / 4), TimeUnit.MILLISECONDS);
    }
  }

  private void watch() {
    watchdogArmed = false;
    if (closed) {
      return;
    }
    long now = System.nanoTime();
    OracleBatch oldest = inFlight.peek();
    if (oldest != null && now - oldest.sentNanos > config.attemptTimeout().toNanos()) {
      stream.restart("no oracle answer within " + config.attemptTimeout().toMillis() + " ms");
    }
    expire(nexts, now);
    expire(currents, now);
    flush();
  }

  private void expire(ArrayDeque<OracleWaiter> waiters, long now) {
    List<OracleWaiter> late = new ArrayList<>();
    waiters.removeIf(waiter -> waiter.deadlineNanos - now <= 0 && late.add(waiter));
    for (OracleWaiter waiter : late) {
      pending.decrementAndGet();
      waiter.fail(new PlacementException(
          PlacementError.Code.UNAVAILABLE,
          "no placement driver gave a revision within "
              + config.requestTimeout().toMillis() + " ms"));
    }
  }

  private final class StreamHandler implements LeaderStream.Handler<OracleResponse> {
    @Override
    public void opened() {
      // ready() follows, and sends what waits.
    }

    @Override
    public void received(OracleResponse message) {
      answered(message);
    }

    @Override
    public void ready() {
      flush();
    }

    @Override
    public void broken(String why) {
      takeBack();
    }
  }
}
