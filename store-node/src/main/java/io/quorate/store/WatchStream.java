package io.quorate.store;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quorate.auth.AuthError;
import io.quorate.model.KeyRange;
import io.quorate.model.Protocol;
import io.quorate.model.RegionError.Misdirected;
import io.quorate.model.RegionId;
import io.quorate.model.Wire;
import io.quorate.proto.Envelope;
import io.quorate.proto.RefusalCode;
import io.quorate.proto.WatchCreate;
import io.quorate.proto.WatchRequest;
import io.quorate.proto.WatchResponse;
import io.quorate.proto.WatchResponseBatch;
import io.quorate.region.watch.WatchConnection;
import io.quorate.region.watch.WatchSink;
import io.quorate.region.watch.WatchSpec;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's stream of watches: hands its wishes to the regions, and sends what they tell as long as the transport has room.
 *
 * <p>Owner: {@link WatchService}. Thread: wishes come on the connection's event loop; messages leave on the regions' watch
 * threads, one at a time; the end may come from any.
 */
final class WatchStream implements StreamObserver<WatchRequest>, WatchSink {
  private static final Logger LOG = LoggerFactory.getLogger(WatchStream.class);

  /** A message is closed once it holds so many bytes. */
  private static final int MESSAGE_BYTES = 256 << 10;

  private final ServerCallStreamObserver<WatchResponseBatch> call;
  private final EnvelopeCheck check;
  private final AccessGuard.OfWatches guard;
  private final Consumer<WatchStream> onEnd;
  private final WatchConnection connection;
  private final AtomicBoolean ended = new AtomicBoolean();
  private boolean known;

  // Used by one watch thread at a time.
  private WatchResponseBatch.Builder batch = WatchResponseBatch.newBuilder();
  private int batchBytes;
  private boolean greeted;
  /** Why the client is nobody here; empty while it is somebody. */
  private String stranger = "";

  WatchStream(
      ServerCallStreamObserver<WatchResponseBatch> call,
      EnvelopeCheck check,
      AccessGuard.OfWatches guard,
      Function<WatchSink, WatchConnection> regions,
      Consumer<WatchStream> onEnd) {
    this.call = call;
    this.check = check;
    this.guard = guard;
    this.onEnd = onEnd;
    this.connection = regions.apply(this);
    call.setOnReadyHandler(connection::wake);
    call.setOnCancelHandler(this::gone);
  }

  @Override
  public void onNext(WatchRequest request) {
    if (!known) {
      Optional<Misdirected> wrong = check.refuse(request.getEnvelope());
      if (wrong.isPresent()) {
        end(Status.FAILED_PRECONDITION.withDescription(wrong.get().message()));
        return;
      }
      known = true;
    }
    guard.judged(request, judged -> obey(request, judged), this::end);
  }

  /** In the order in which they came, whatever had to be asked first. */
  private void obey(WatchRequest request, Function<KeyRange, Optional<AuthError>> refusal) {
    for (WatchCreate create : request.getCreatesList()) {
      Optional<AuthError> denied = refusal.apply(Wire.range(create.getRange()));
      if (denied.isPresent()) {
        connection.refuse(
            create.getWatchId(), RefusalCode.PERMISSION_DENIED, denied.get().text());
      } else {
        create(create);
      }
    }
    for (long id : request.getCancelsList()) {
      connection.cancel(id);
    }
    for (long id : request.getProgressList()) {
      connection.progress(id);
    }
  }

  private void create(WatchCreate create) {
    KeyRange range = Wire.range(create.getRange());
    connection.create(
        new WatchSpec(
            create.getWatchId(),
            range,
            create.getStartRevision(),
            create.getNoPut(),
            create.getNoDelete(),
            create.getPrevious(),
            create.getResumed(),
            create.getAnyReplica()),
        new RegionId(create.getRegionId()),
        create.getEpoch().getVersion());
  }

  @Override
  public boolean ready() {
    return call.isReady() && !ended.get();
  }

  @Override
  public void send(WatchResponse message) {
    if (message.hasRefused() && AccessGuard.isStranger(message.getRefused())) {
      stranger = message.getRefused().getMessage();
    }
    batch.addResponses(message);
    batchBytes += message.getSerializedSize();
    if (batchBytes >= MESSAGE_BYTES) {
      flush();
    }
  }

  @Override
  public void flush() {
    if (batch.getResponsesCount() == 0) {
      return;
    }
    if (!greeted) {
      greeted = true;
      StoreIdentity self = check.identity();
      batch.setEnvelope(Envelope.newBuilder()
          .setClusterId(self.clusterId())
          .setProtocolVersion(Protocol.VERSION)
          .setFromStore(self.store().value())
          .setFromIncarnation(self.incarnation()));
    }
    WatchResponseBatch full = batch.build();
    batch = WatchResponseBatch.newBuilder();
    batchBytes = 0;
    try {
      synchronized (ended) {
        if (!ended.get()) {
          call.onNext(full);
        }
      }
    } catch (RuntimeException e) {
      // The transport's trouble is this stream's alone: the regions' threads are not to meet it.
      LOG.warn("a watch stream broke: {}", e.toString());
      gone();
    }
    if (!stranger.isEmpty()) {
      // Who comes again may be somebody.
      end(Status.UNAUTHENTICATED.withDescription(stranger));
    }
  }

  @Override
  public void onError(Throwable failure) {
    gone();
  }

  @Override
  public void onCompleted() {
    end(Status.OK);
  }

  private void gone() {
    if (ended.compareAndSet(false, true)) {
      leave();
    }
  }

  private void leave() {
    onEnd.accept(this);
    connection.close();
  }

  /** Ends the stream, once. Any thread. */
  void end(Status why) {
    synchronized (ended) {
      if (!ended.compareAndSet(false, true)) {
        return;
      }
      if (why.isOk()) {
        call.onCompleted();
      } else {
        call.onError(why.asRuntimeException());
      }
    }
    leave();
  }
}
