package io.quorate.placement.node;

import io.grpc.stub.ServerCallStreamObserver;
import io.quorate.placement.registry.ReplySink;

/**
 * The sending side of one gRPC stream, usable by any thread: gRPC's own observer is for one at a time. It takes in the next
 * message only while the receiver keeps up, so a peer that never reads costs bounded memory.
 *
 * @param <T> what is sent
 */
class GrpcSink<T> implements ReplySink<T> {
  private final ServerCallStreamObserver<T> out;
  private boolean closed;
  private boolean owesRequest;

  /** To be made inside the service's method, before it returns. */
  GrpcSink(ServerCallStreamObserver<T> out) {
    this.out = out;
    out.setOnCancelHandler(this::cancelled);
    out.setOnReadyHandler(this::ready);
  }

  /** Takes over when messages of the peer are read; only for streams in both directions. */
  final void readUnderBackPressure() {
    out.disableAutoRequest();
    out.request(1);
  }

  /** To be called after each message of the peer. */
  final void requestNext() {
    synchronized (this) {
      if (!out.isReady()) {
        owesRequest = true;
        return;
      }
    }
    out.request(1);
  }

  @Override
  public final boolean isReady() {
    return out.isReady();
  }

  @Override
  public final synchronized void send(T message) {
    if (!closed) {
      out.onNext(message);
    }
  }

  @Override
  public final synchronized void complete() {
    if (!closed) {
      closed = true;
      out.onCompleted();
    }
  }

  /** The peer keeps up again. */
  protected void onReady() {}

  /** The peer is gone. */
  protected void onGone() {}

  final void cancelled() {
    synchronized (this) {
      closed = true;
    }
    onGone();
  }

  private void ready() {
    boolean owed;
    synchronized (this) {
      owed = owesRequest;
      owesRequest = false;
    }
    if (owed) {
      out.request(1);
    }
    onReady();
  }
}
