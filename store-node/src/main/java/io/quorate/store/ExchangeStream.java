package io.quorate.store;

import io.grpc.Status;
import io.grpc.netty.shaded.io.netty.util.concurrent.EventExecutor;
import io.grpc.netty.shaded.io.netty.util.internal.ThreadExecutorMap;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quorate.model.Protocol;
import io.quorate.model.RegionError;
import io.quorate.model.RegionError.Misdirected;
import io.quorate.model.Wire;
import io.quorate.proto.Envelope;
import io.quorate.proto.Refusal;
import io.quorate.proto.RefusalCode;
import io.quorate.proto.Request;
import io.quorate.proto.RequestBatch;
import io.quorate.proto.Response;
import io.quorate.proto.ResponseBatch;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One client's stream: takes its requests in, and sends what is answered in batches of whatever is ready.
 *
 * <p>Owner: {@link ExchangeService}. Thread: requests come on the connection's event loop, and answers leave on it, so that
 * an answer costs one wake-up per batch and none per request; answers are put in from any thread.
 */
final class ExchangeStream implements StreamObserver<RequestBatch> {
  private static final String TOO_LARGE = "etcdserver: request is too large";
  private static final int BUSY_RETRY_MILLIS = 20;

  private final ServerCallStreamObserver<ResponseBatch> call;
  private final EnvelopeCheck check;
  private final RegionDispatch regions;
  private final StoreLimits limits;
  private final QueuedBytes queuedBytes;
  private final Consumer<ExchangeStream> onEnd;
  private final Executor loop;

  private final ConcurrentLinkedQueue<Answer> ready = new ConcurrentLinkedQueue<>();
  /** How often a drain was asked for since the running one looked; above 0 one is running or scheduled. */
  private final AtomicInteger drains = new AtomicInteger();

  private final AtomicInteger inFlight = new AtomicInteger();
  private final AtomicLong backlogBytes = new AtomicLong();
  private final AtomicBoolean readingPaused = new AtomicBoolean();
  private volatile boolean ended;
  private volatile boolean halfClosed;
  private volatile boolean closing;
  /** What the stream ends with once it is idle; what is new on it is refused meanwhile. */
  private volatile Status last = Status.OK;

  private boolean greeted;
  private @Nullable Envelope envelope;
  private @Nullable Misdirected misdirected;

  private record Answer(Response response, int requestBytes, int answerBytes) {}

  ExchangeStream(
      ServerCallStreamObserver<ResponseBatch> call,
      EnvelopeCheck check,
      RegionDispatch regions,
      StoreLimits limits,
      QueuedBytes queuedBytes,
      Consumer<ExchangeStream> onEnd) {
    this.call = call;
    this.check = check;
    this.regions = regions;
    this.limits = limits;
    this.queuedBytes = queuedBytes;
    this.onEnd = onEnd;
    this.loop = loopOfThisThread();
    call.disableAutoRequest();
    call.setOnReadyHandler(this::askForDrain);
    call.setOnCancelHandler(this::end);
    call.request(1);
  }

  /** Streams are opened on their connection's event loop (direct executor); elsewhere answers leave where they come up. */
  private static Executor loopOfThisThread() {
    EventExecutor current = ThreadExecutorMap.currentExecutor();
    return current == null ? Runnable::run : current;
  }

  @Override
  public void onNext(RequestBatch batch) {
    if (batch.hasEnvelope() || envelope == null) {
      envelope = batch.getEnvelope();
      Optional<Misdirected> wrong = check.refuse(envelope);
      misdirected = wrong.orElse(null);
    }
    for (Request request : batch.getRequestsList()) {
      take(envelope, request);
    }
    readingPaused.set(true);
    readOn();
  }

  /** Asks for the client's next message unless too many answers wait for it. */
  private void readOn() {
    if (backlogBytes.get() < limits.answerBacklogBytes()
        && readingPaused.compareAndSet(true, false)) {
      call.request(1);
    }
  }

  private void take(Envelope from, Request request) {
    int bytes = request.getSerializedSize();
    int waiting = inFlight.incrementAndGet();
    if (misdirected != null) {
      refuse(request, misdirected);
    } else if (closing) {
      refuse(
          request,
          new RegionError.Unavailable(
              last.isOk()
                  ? "store " + check.identity().store() + " is shutting down"
                  : String.valueOf(last.getDescription())));
    } else if (bytes > limits.requestBytes()) {
      Refusal tooLarge = Refusal.newBuilder()
          .setCode(RefusalCode.REQUEST_TOO_LARGE)
          .setMessage(TOO_LARGE)
          .build();
      finish(answerTo(request).setRefusal(tooLarge).build(), 0);
    } else if (waiting > limits.streamRequests()) {
      refuse(request, busy("this stream has " + limits.streamRequests() + " requests in work"));
    } else if (!queuedBytes.take(bytes)) {
      refuse(
          request, busy("this store has " + limits.queuedBytes() + " bytes of requests in work"));
    } else {
      regions.handle(from, request, answer -> finish(answer, bytes));
    }
  }

  private static RegionError busy(String why) {
    return new RegionError.ServerBusy(BUSY_RETRY_MILLIS, "etcdserver: too many requests: " + why);
  }

  private void refuse(Request request, RegionError error) {
    finish(answerTo(request).setRegionError(Wire.error(error)).build(), 0);
  }

  private static Response.Builder answerTo(Request request) {
    return Response.newBuilder().setRequestId(request.getRequestId());
  }

  private void finish(Response response, int requestBytes) {
    int answerBytes = response.getSerializedSize();
    backlogBytes.addAndGet(answerBytes);
    ready.add(new Answer(response, requestBytes, answerBytes));
    askForDrain();
  }

  private void askForDrain() {
    if (drains.getAndIncrement() == 0) {
      try {
        loop.execute(this::drain);
      } catch (RejectedExecutionException e) {
        // The event loop is gone, and the connection with it: only give back what is counted.
        ended = true;
        drain();
      }
    }
  }

  private void drain() {
    int seen = drains.get();
    while (true) {
      send();
      seen = drains.addAndGet(-seen);
      if (seen == 0) {
        return;
      }
    }
  }

  /** Only inside {@link #drain}, which runs once at a time. */
  private void send() {
    while (!ready.isEmpty() && (ended || call.isReady())) {
      ResponseBatch.Builder batch = ResponseBatch.newBuilder();
      int answers = 0;
      long answerBytes = 0;
      long requestBytes = 0;
      while (answerBytes < limits.answerBytes()) {
        Answer answer = ready.poll();
        if (answer == null) {
          break;
        }
        batch.addResponses(answer.response);
        answers++;
        answerBytes += answer.answerBytes;
        requestBytes += answer.requestBytes;
      }
      inFlight.addAndGet(-answers);
      backlogBytes.addAndGet(-answerBytes);
      queuedBytes.give(requestBytes);
      if (!ended) {
        call.onNext(greet(batch).build());
      }
    }
    readOn();
    if ((halfClosed || closing) && !ended && inFlight.get() == 0) {
      end();
      if (last.isOk()) {
        call.onCompleted();
      } else {
        call.onError(last.asRuntimeException());
      }
    }
  }

  /** The first answer of a stream says who answers. */
  private ResponseBatch.Builder greet(ResponseBatch.Builder batch) {
    if (!greeted) {
      greeted = true;
      StoreIdentity self = check.identity();
      batch.setEnvelope(Envelope.newBuilder()
          .setClusterId(self.clusterId())
          .setProtocolVersion(Protocol.VERSION)
          .setFromStore(self.store().value())
          .setFromIncarnation(self.incarnation()));
    }
    return batch;
  }

  @Override
  public void onError(Throwable failure) {
    end();
  }

  @Override
  public void onCompleted() {
    halfClosed = true;
    askForDrain();
  }

  /** Refuses what still comes, and ends the stream once all that is in work is answered. */
  void closeWhenIdle() {
    closing = true;
    askForDrain();
  }

  /** As the other, but the client shall hear why: it may come again as somebody else. */
  void endWhenIdle(Status why) {
    last = why;
    closeWhenIdle();
  }

  private void end() {
    ended = true;
    onEnd.accept(this);
    askForDrain();
  }
}
