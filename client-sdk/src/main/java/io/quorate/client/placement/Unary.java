package io.quorate.client.placement;

import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.quorate.client.transport.LoopChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** One call, one answer, as a future that completes on the channel's loop. */
final class Unary {
  private Unary() {}

  /** Fails with {@code StatusRuntimeException}, at the latest after the timeout. */
  static <Q, A> CompletableFuture<A> call(
      LoopChannel channel, MethodDescriptor<Q, A> method, Q request, long timeoutNanos) {
    CompletableFuture<A> answer = new CompletableFuture<>();
    CallOptions options =
        CallOptions.DEFAULT.withDeadlineAfter(Math.max(1, timeoutNanos), TimeUnit.NANOSECONDS);
    ClientCalls.asyncUnaryCall(
        channel.channel().newCall(method, options), request, new StreamObserver<A>() {
          @Override
          public void onNext(A value) {
            answer.complete(value);
          }

          @Override
          public void onError(Throwable failure) {
            answer.completeExceptionally(failure);
          }

          @Override
          public void onCompleted() {
            // A unary call without an answer ends in onError.
          }
        });
    return answer;
  }
}
