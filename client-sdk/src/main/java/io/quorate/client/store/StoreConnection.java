package io.quorate.client.store;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.quorate.client.retry.Failure;
import io.quorate.client.transport.LoopChannel;
import io.quorate.model.StoreDescriptor;
import io.quorate.proto.Envelope;
import io.quorate.proto.RequestBatch;
import io.quorate.proto.Response;
import io.quorate.proto.ResponseBatch;
import io.quorate.proto.StoreServiceGrpc;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one stream of a client to one store. Owned by the client that opened it; {@link #submit} is
 * safe on any thread, everything else is confined to the channel's loop.
 */
/*
 * A caller links its request into a stack and wakes the loop unless that is done already. The loop
 * takes the whole stack, and while the stream is ready writes what waits as one message: a lone
 * request leaves at once, and under load each message carries what came while the one before it was
 * being written. No timer takes part in that.
 *
 * A request counts as sent from the moment it is handed to a stream that was ready, that is, whose
 * connection stood: what fails before is certain not to have happened. The channel never repeats or
 * keeps calls on its own.
 */
public final class StoreConnection implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StoreConnection.class);
  private static final int MESSAGES_REQUESTED = 1024;

  private final StoreDescriptor store;
  private final LoopChannel channel;
  private final ScheduledExecutorService loop;
  private final Envelope envelope;
  private final StoreLimits limits;
  private final Executor executor;
  private final AtomicReference<@Nullable StoreCall> arrivals = new AtomicReference<>();
  private final AtomicBoolean woken = new AtomicBoolean();
  /** Why the last stream ended, as it was logged; forgotten with the next answer. On the loop only. */
  private @Nullable String said;

  private final AtomicInteger outstanding = new AtomicInteger();
  private final Runnable flush = this::flush;

  // Confined to the loop.
  private final Deliveries deliveries;
  private final ArrayDeque<StoreCall> waiting = new ArrayDeque<>();
  private final InFlight inFlight;
  private @Nullable ClientCall<RequestBatch, ResponseBatch> stream;
  private int generation;
  private boolean standing;
  private boolean closed;
  private @Nullable String refusal;
  private long refusedUntilNanos;
  private boolean timerArmed;
  private long timerNanos;

  /**
   * Makes a connection; the stream opens with the first request.
   *
   * @param channel ends with this connection
   * @param envelope heads every message
   * @param executor runs what must not run on the loop
   */
  public StoreConnection(
      StoreDescriptor store,
      LoopChannel channel,
      Envelope envelope,
      StoreLimits limits,
      Executor executor) {
    this.store = store;
    this.channel = channel;
    this.loop = channel.loop();
    this.envelope = envelope;
    this.limits = limits;
    this.executor = executor;
    this.deliveries = new Deliveries(executor);
    this.inFlight = new InFlight(limits.maxInFlight());
  }

  public StoreDescriptor store() {
    return store;
  }

  /** Requests that wait or are under way. */
  public int outstanding() {
    return outstanding.get();
  }

  /**
   * Takes a request. It is answered or failed on the loop, except that one above the limit is failed
   * here and now, by the caller's thread.
   */
  public void submit(StoreCall call) {
    if (outstanding.incrementAndGet() > limits.maxInFlight()) {
      outstanding.decrementAndGet();
      Deliveries own = new Deliveries(executor);
      call.failed(
          new Failure.Overloaded("store " + store.id() + " has " + limits.maxInFlight()
              + " requests under way already (maxInFlightPerStore)"),
          own);
      own.flush();
      return;
    }
    StoreCall head;
    do {
      head = arrivals.get();
      call.next = head;
    } while (!arrivals.compareAndSet(head, call));
    if (!woken.get() && woken.compareAndSet(false, true)) {
      try {
        loop.execute(flush);
      } catch (RejectedExecutionException loopEnded) {
        rejectArrivals();
      }
    }
  }

  @Override
  public void close() {
    try {
      loop.execute(this::closeOnLoop);
    } catch (RejectedExecutionException loopEnded) {
      rejectArrivals();
    }
  }

  private void rejectArrivals() {
    Deliveries own = new Deliveries(Runnable::run);
    StoreCall call = arrivals.getAndSet(null);
    while (call != null) {
      StoreCall following = call.next;
      call.next = null;
      call.failed(new Failure.Closed(/* sent= */ false, "the client was closed"), own);
      call = following;
    }
    own.flush();
  }

  private void closeOnLoop() {
    closed = true;
    takeArrivals();
    endStream("closed");
    failAll(
        new Failure.Closed(/* sent= */ true, "the client was closed"),
        new Failure.Closed(/* sent= */ false, "the client was closed"));
    channel.close();
    deliveries.flush();
  }

  private void flush() {
    takeArrivals();
    if (closed) {
      Failure failure = new Failure.Closed(/* sent= */ false, "the client was closed");
      failAll(failure, failure);
    } else if (!waiting.isEmpty()) {
      if (stream == null) {
        open();
      }
      pump();
    }
    deliveries.flush();
  }

  /** The stack holds the newest first. */
  private void takeArrivals() {
    woken.set(false);
    StoreCall call = arrivals.getAndSet(null);
    StoreCall oldest = null;
    while (call != null) {
      StoreCall following = call.next;
      call.next = oldest;
      oldest = call;
      call = following;
    }
    while (oldest != null) {
      StoreCall following = oldest.next;
      oldest.next = null;
      waiting.add(oldest);
      armTimer(oldest.attemptDeadlineNanos);
      oldest = following;
    }
  }

  private void open() {
    String known = refusal;
    if (known != null && refusedUntilNanos - System.nanoTime() > 0) {
      failWaiting(new Failure.Broken(/* sent= */ false, known));
      return;
    }
    int mine = ++generation;
    channel.channel().resetConnectBackoff();
    ClientCall<RequestBatch, ResponseBatch> opening =
        channel.channel().newCall(StoreServiceGrpc.getExchangeMethod(), CallOptions.DEFAULT);
    stream = opening;
    opening.start(new Listener(mine), new Metadata());
    opening.request(MESSAGES_REQUESTED);
    var unused = loop.schedule(
        () -> {
          if (mine == generation && !standing) {
            broken("no connection within " + limits.connectTimeout().toMillis() + " ms");
          }
        },
        limits.connectTimeout().toMillis(),
        TimeUnit.MILLISECONDS);
  }

  private void pump() {
    ClientCall<RequestBatch, ResponseBatch> current = stream;
    while (current != null && !waiting.isEmpty() && current.isReady()) {
      if (!standing) {
        standing = true;
        refusal = null;
        LOG.debug("store={} at {} connected", store.id(), store.clientAddress());
      }
      long now = System.nanoTime();
      RequestBatch.Builder batch = RequestBatch.newBuilder().setEnvelope(envelope);
      int bytes = 0;
      while (!waiting.isEmpty() && batch.getRequestsCount() < limits.maxBatchRequests()) {
        StoreCall call = waiting.element();
        if (call.attemptDeadlineNanos - now <= 0) {
          waiting.remove();
          expire(call, /* sent= */ false);
          continue;
        }
        bytes += call.sizeBytes();
        if (bytes > limits.maxBatchBytes() && batch.getRequestsCount() > 0) {
          break;
        }
        waiting.remove();
        batch.addRequests(call.request(now).setRequestId(inFlight.add(call)).build());
      }
      if (batch.getRequestsCount() > 0) {
        current.sendMessage(batch.build());
      }
    }
  }

  private void received(ResponseBatch batch) {
    List<Response> responses = batch.getResponsesList();
    @Nullable StoreCall[] calls = new StoreCall[responses.size()];
    int answered = 0;
    for (int i = 0; i < calls.length; i++) {
      // Null if it was given up: its answer comes too late for anybody.
      StoreCall call = inFlight.remove(responses.get(i).getRequestId());
      calls[i] = call;
      answered += call == null ? 0 : 1;
    }
    // Before the answers are told: whoever hears one may send the next request at once.
    outstanding.addAndGet(-answered);
    for (int i = 0; i < calls.length; i++) {
      StoreCall call = calls[i];
      if (call != null) {
        call.answered(responses.get(i), deliveries);
      }
    }
    said = null;
    deliveries.flush();
  }

  private void broken(String why) {
    String message = "store " + store.id() + " at " + store.clientAddress() + ": " + why;
    if (!message.equals(said)) {
      said = message;
      LOG.info("store={} at {} disconnected: {}", store.id(), store.clientAddress(), why);
    }
    refusal = message;
    refusedUntilNanos = System.nanoTime() + limits.reconnectPause().toNanos();
    endStream(why);
    takeArrivals();
    failAll(
        new Failure.Broken(/* sent= */ true, message),
        new Failure.Broken(/* sent= */ false, message));
    deliveries.flush();
  }

  private void endStream(String why) {
    generation++;
    standing = false;
    ClientCall<RequestBatch, ResponseBatch> old = stream;
    stream = null;
    if (old != null) {
      old.cancel(why, null);
    }
  }

  private void failAll(Failure ofSent, Failure ofWaiting) {
    List<StoreCall> sent = new ArrayList<>(inFlight.size());
    inFlight.forEach(sent::add);
    for (StoreCall call : sent) {
      inFlight.remove(call.requestId);
    }
    outstanding.addAndGet(-sent.size());
    failWaiting(ofWaiting);
    for (StoreCall call : sent) {
      call.failed(ofSent, deliveries);
    }
  }

  private void failWaiting(Failure failure) {
    List<StoreCall> unsent = new ArrayList<>(waiting);
    waiting.clear();
    outstanding.addAndGet(-unsent.size());
    for (StoreCall call : unsent) {
      call.failed(failure, deliveries);
    }
  }

  private void expire(StoreCall call, boolean sent) {
    outstanding.decrementAndGet();
    call.failed(
        new Failure.TimedOut(
            sent,
            "store " + store.id() + " at " + store.clientAddress()
                + (sent ? " did not answer in time" : " could not be sent the request in time")),
        deliveries);
  }

  /**
   * One timer serves all requests: it fires at the earliest deadline it was armed for, by then
   * mostly that of a request answered long ago.
   */
  private void armTimer(long deadlineNanos) {
    if (!timerArmed || deadlineNanos - timerNanos < 0) {
      timerArmed = true;
      timerNanos = deadlineNanos;
      var unused = loop.schedule(
          this::onTimer, Math.max(0, deadlineNanos - System.nanoTime()), TimeUnit.NANOSECONDS);
    }
  }

  private void onTimer() {
    timerArmed = false;
    long now = System.nanoTime();
    List<StoreCall> late = new ArrayList<>();
    long[] earliest = {Long.MAX_VALUE};
    inFlight.forEach(call -> {
      if (call.attemptDeadlineNanos - now <= 0) {
        late.add(call);
      } else {
        earliest[0] = Math.min(earliest[0], call.attemptDeadlineNanos - now);
      }
    });
    for (StoreCall call : late) {
      inFlight.remove(call.requestId);
      expire(call, /* sent= */ true);
    }
    List<StoreCall> unsent = new ArrayList<>(waiting);
    waiting.clear();
    for (StoreCall call : unsent) {
      if (call.attemptDeadlineNanos - now <= 0) {
        expire(call, /* sent= */ false);
      } else {
        earliest[0] = Math.min(earliest[0], call.attemptDeadlineNanos - now);
        waiting.add(call);
      }
    }
    if (earliest[0] != Long.MAX_VALUE) {
      armTimer(now + earliest[0]);
    }
    deliveries.flush();
  }

  /** Forwards the events of one generation of the stream. */
  private final class Listener extends ClientCall.Listener<ResponseBatch> {
    private final int mine;

    Listener(int mine) {
      this.mine = mine;
    }

    @Override
    public void onReady() {
      if (mine == generation) {
        pump();
        deliveries.flush();
      }
    }

    @Override
    public void onMessage(ResponseBatch batch) {
      ClientCall<RequestBatch, ResponseBatch> current = stream;
      if (mine == generation && current != null) {
        current.request(1);
        received(batch);
      }
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      if (mine == generation) {
        String description = status.getDescription();
        broken(status.getCode() + (description == null ? "" : " " + description));
      }
    }
  }
}
