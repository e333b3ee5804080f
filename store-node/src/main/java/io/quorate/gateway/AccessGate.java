package io.quorate.gateway;

import com.google.protobuf.Message;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.quorate.auth.AuthError;
import io.quorate.auth.Callers;
import io.quorate.auth.Principal;
import io.quorate.proto.etcd.AuthGrpc;
import io.quorate.proto.etcd.WatchGrpc;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Lets a request through to its service once its caller may make it. Watches are judged by their stream, where a refusal is an
 * answer and not the end, and the calls of the Auth service by the placement driver. Owned by a gateway; any thread.
 */
final class AccessGate implements ServerInterceptor {
  private final Access access;

  AccessGate(Access access) {
    this.access = access;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    String service = String.valueOf(call.getMethodDescriptor().getServiceName());
    if (service.equals(WatchGrpc.SERVICE_NAME) || service.equals(AuthGrpc.SERVICE_NAME)) {
      return next.startCall(call, headers);
    }
    return new Judged<>(call, Callers.current(), next.startCall(call, headers));
  }

  /** One call: what comes while a request is judged waits, in its order. Thread: any; guarded by itself. */
  private final class Judged<Q, A> extends ServerCall.Listener<Q> {
    private final ServerCall<Q, A> call;
    private final Principal who;
    private final ServerCall.Listener<Q> service;
    private final Context context = Context.current();
    private final Deque<Runnable> later = new ArrayDeque<>();
    private boolean judging;
    private boolean over;

    Judged(ServerCall<Q, A> call, Principal who, ServerCall.Listener<Q> service) {
      this.call = call;
      this.who = who;
      this.service = service;
    }

    private synchronized void inOrder(Runnable step) {
      if (over) {
        return;
      }
      if (judging) {
        later.add(step);
      } else {
        step.run();
      }
    }

    @Override
    public void onMessage(Q message) {
      inOrder(() -> judge(message));
    }

    private void judge(Q message) {
      judging = true;
      CompletableFuture<Optional<AuthError>> refusal = access.refusal(who, (Message) message);
      var unused = refusal.whenComplete((found, failure) -> judged(
          message,
          failure == null
              ? found.map(AuthError::status)
              : Optional.of(EtcdErrors.of(failure).getStatus())));
    }

    private synchronized void judged(Q message, Optional<Status> refusal) {
      judging = false;
      if (over) {
        return;
      }
      if (refusal.isPresent()) {
        refuse(refusal.get());
        return;
      }
      context.run(() -> service.onMessage(message));
      while (!judging && !over && !later.isEmpty()) {
        later.remove().run();
      }
    }

    private void refuse(Status why) {
      over = true;
      later.clear();
      call.close(why, new Metadata());
      service.onCancel();
    }

    @Override
    public void onHalfClose() {
      inOrder(() -> context.run(service::onHalfClose));
    }

    @Override
    public synchronized void onCancel() {
      if (!over) {
        over = true;
        later.clear();
        service.onCancel();
      }
    }

    @Override
    public synchronized void onComplete() {
      if (!over) {
        over = true;
        service.onComplete();
      }
    }

    @Override
    public void onReady() {
      inOrder(() -> context.run(service::onReady));
    }
  }
}
