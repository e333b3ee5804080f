package io.quorate.gateway;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.quorate.proto.etcd.election.ElectionGrpc;
import io.quorate.proto.etcd.lock.LockGrpc;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Calls that do not end by themselves, streams and those that wait for a turn. When the process stops they are told so: etcd's
 * clients go on elsewhere after UNAVAILABLE, and give up after CANCELLED, which gRPC would say. Owned by a gateway; any thread.
 */
final class EndlessCalls implements ServerInterceptor {
  private final Set<EndableCall<?, ?>> calls = ConcurrentHashMap.newKeySet();
  private volatile boolean over;

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    String service = String.valueOf(call.getMethodDescriptor().getServiceName());
    boolean waits =
        service.equals(LockGrpc.SERVICE_NAME) || service.equals(ElectionGrpc.SERVICE_NAME);
    if (call.getMethodDescriptor().getType().serverSendsOneMessage() && !waits) {
      return next.startCall(call, headers);
    }
    EndableCall<Q, A> endable = new EndableCall<>(call);
    calls.add(endable);
    ServerCall.Listener<Q> listener =
        endable.listen(next.startCall(endable, headers), () -> calls.remove(endable));
    if (over) {
      endable.end(EtcdErrors.STOPPED);
    }
    return listener;
  }

  int open() {
    return calls.size();
  }

  /** Ends all there are, and all that still come. */
  void end() {
    over = true;
    calls.forEach(call -> {
      calls.remove(call);
      call.end(EtcdErrors.STOPPED);
    });
  }
}
