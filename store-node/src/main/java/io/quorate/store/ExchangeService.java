package io.quorate.store;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quorate.auth.Callers;
import io.quorate.proto.RequestBatch;
import io.quorate.proto.ResponseBatch;
import io.quorate.proto.StoreServiceGrpc;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The store's door for the SDK: one stream per client carries the requests of all regions.
 *
 * <p>Owner: {@link StoreNode}. Thread: gRPC's transport threads; nothing in here blocks.
 */
final class ExchangeService extends StoreServiceGrpc.StoreServiceImplBase {
  private final EnvelopeCheck check;
  private final AccessGuard guard;
  private final StoreLimits limits;
  private final QueuedBytes queuedBytes;
  private final Set<ExchangeStream> streams = ConcurrentHashMap.newKeySet();

  ExchangeService(EnvelopeCheck check, AccessGuard guard, StoreLimits limits) {
    this.check = check;
    this.guard = guard;
    this.limits = limits;
    this.queuedBytes = new QueuedBytes(limits.queuedBytes());
  }

  @Override
  public StreamObserver<RequestBatch> exchange(StreamObserver<ResponseBatch> answers) {
    var call = (ServerCallStreamObserver<ResponseBatch>) answers;
    ExchangeStream[] made = new ExchangeStream[1];
    RegionDispatch regions = guard.of(Callers.current(), why -> made[0].endWhenIdle(why.status()));
    made[0] = new ExchangeStream(call, check, regions, limits, queuedBytes, streams::remove);
    streams.add(made[0]);
    return made[0];
  }

  /** Takes no more requests; streams end as soon as what they have in work is answered. */
  void closeWhenIdle() {
    streams.forEach(ExchangeStream::closeWhenIdle);
  }

  int openStreams() {
    return streams.size();
  }

  long queuedRequestBytes() {
    return queuedBytes.used();
  }
}
