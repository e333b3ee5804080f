package io.quorate.gateway;

import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Ends a call with one answer, or with etcd's word for what went wrong. Stateless; the answer is sent on the SDK's callback threads. */
final class Answers {
  private Answers() {}

  /**
   * Sends what the work brings.
   *
   * @param work may throw what its future may fail with
   */
  static <A> void send(StreamObserver<A> to, Supplier<CompletableFuture<A>> work) {
    CompletableFuture<A> answer;
    try {
      answer = work.get();
    } catch (RuntimeException refused) {
      to.onError(EtcdErrors.of(refused));
      return;
    }
    var unused = answer.whenComplete((value, failure) -> {
      if (failure == null) {
        to.onNext(value);
        to.onCompleted();
      } else {
        to.onError(EtcdErrors.of(failure));
      }
    });
  }
}
