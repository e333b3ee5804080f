package io.quorate.store;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quorate.auth.Callers;
import io.quorate.proto.WatchRequest;
import io.quorate.proto.WatchResponseBatch;
import io.quorate.proto.WatchServiceGrpc;
import io.quorate.region.watch.WatchConnection;
import io.quorate.region.watch.WatchSink;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * The store's door for watches: one stream per client carries all it watches here.
 *
 * <p>Owner: {@link StoreNode}. Thread: gRPC's transport threads; nothing in here blocks.
 */
final class WatchService extends WatchServiceGrpc.WatchServiceImplBase {
  /** Streams open at once; more are refused. */
  static final int MAX_STREAMS = 16_384;

  private final EnvelopeCheck check;
  private final AccessGuard guard;
  private final Function<WatchSink, WatchConnection> regions;
  private final Set<WatchStream> streams = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  /**
   * @param regions opens a connection to the store's regions
   */
  WatchService(
      EnvelopeCheck check, AccessGuard guard, Function<WatchSink, WatchConnection> regions) {
    this.check = check;
    this.guard = guard;
    this.regions = regions;
  }

  @Override
  public StreamObserver<WatchRequest> watch(StreamObserver<WatchResponseBatch> answers) {
    var call = (ServerCallStreamObserver<WatchResponseBatch>) answers;
    WatchStream stream =
        new WatchStream(call, check, guard.ofWatches(Callers.current()), regions, streams::remove);
    streams.add(stream);
    if (closed) {
      stream.end(stopping());
    } else if (streams.size() > MAX_STREAMS) {
      stream.end(Status.RESOURCE_EXHAUSTED.withDescription(
          "this store has " + MAX_STREAMS + " watch streams already"));
    }
    return stream;
  }

  private Status stopping() {
    return Status.UNAVAILABLE.withDescription(
        "store " + check.identity().store() + " is shutting down");
  }

  int openStreams() {
    return streams.size();
  }

  /** Ends all streams; their clients go on elsewhere. */
  void close() {
    closed = true;
    streams.forEach(stream -> stream.end(stopping()));
  }
}
