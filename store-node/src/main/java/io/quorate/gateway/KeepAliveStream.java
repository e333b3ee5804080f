package io.quorate.gateway;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quorate.proto.etcd.LeaseKeepAliveRequest;
import io.quorate.proto.etcd.LeaseKeepAliveResponse;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongFunction;

/**
 * One stream of keep-alives: several are under way at a time, so that a client with many leases does not wait for each; answers
 * name their lease. Owned by its call. Thread: requests on I/O threads, answers on the SDK's; both under this object's lock.
 */
final class KeepAliveStream implements StreamObserver<LeaseKeepAliveRequest> {
  /** Keep-alives under way; further ones wait in the transport. */
  private static final int UNDER_WAY_MAX = 256;

  private final LongFunction<CompletableFuture<LeaseKeepAliveResponse>> renewal;
  private final ServerCallStreamObserver<LeaseKeepAliveResponse> answer;
  private int underWay;
  private boolean clientDone;
  private boolean over;

  KeepAliveStream(
      LongFunction<CompletableFuture<LeaseKeepAliveResponse>> renewal,
      ServerCallStreamObserver<LeaseKeepAliveResponse> answer) {
    this.renewal = renewal;
    this.answer = answer;
    answer.disableAutoRequest();
    answer.setOnCancelHandler(this::cancelled);
    answer.request(UNDER_WAY_MAX);
  }

  @Override
  public void onNext(LeaseKeepAliveRequest request) {
    synchronized (this) {
      underWay++;
    }
    var unused = renewal.apply(request.getID()).whenComplete(this::renewed);
  }

  private synchronized void renewed(LeaseKeepAliveResponse response, Throwable failure) {
    underWay--;
    if (over) {
      return;
    }
    if (failure != null) {
      over = true;
      answer.onError(EtcdErrors.of(failure));
      return;
    }
    answer.onNext(response);
    answer.request(1);
    finishIfDone();
  }

  @Override
  public synchronized void onCompleted() {
    clientDone = true;
    finishIfDone();
  }

  private void finishIfDone() {
    if (clientDone && underWay == 0 && !over) {
      over = true;
      answer.onCompleted();
    }
  }

  @Override
  public void onError(Throwable failure) {
    cancelled();
  }

  private synchronized void cancelled() {
    over = true;
  }
}
