package io.quorate.gateway;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/** A call that may be ended from aside; what its service still says then is dropped. Owned by who may end it; any thread. */
final class EndableCall<Q, A> extends SimpleForwardingServerCall<Q, A> {
  private boolean over;
  private ServerCall.@Nullable Listener<Q> listener;

  EndableCall(ServerCall<Q, A> call) {
    super(call);
  }

  ServerCall.Listener<Q> listen(ServerCall.Listener<Q> service, Runnable onEnd) {
    ServerCall.Listener<Q> heard = new SimpleForwardingServerCallListener<>(service) {
      @Override
      public void onCancel() {
        onEnd.run();
        super.onCancel();
      }

      @Override
      public void onComplete() {
        onEnd.run();
        super.onComplete();
      }
    };
    synchronized (this) {
      listener = service;
    }
    return heard;
  }

  void end(Status why) {
    ServerCall.Listener<Q> service;
    synchronized (this) {
      if (over) {
        return;
      }
      super.close(why, new Metadata());
      over = true;
      service = listener;
    }
    if (service != null) {
      service.onCancel();
    }
  }

  @Override
  public synchronized void sendMessage(A message) {
    if (!over) {
      super.sendMessage(message);
    }
  }

  @Override
  public synchronized void close(Status status, Metadata trailers) {
    if (!over) {
      over = true;
      super.close(status, trailers);
    }
  }

  @Override
  public synchronized boolean isCancelled() {
    return over || super.isCancelled();
  }
}
