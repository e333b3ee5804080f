package io.quorate.gateway;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.quorate.proto.health.HealthCheckRequest;
import io.quorate.proto.health.HealthCheckResponse;
import io.quorate.proto.health.HealthCheckResponse.ServingStatus;
import io.quorate.proto.health.HealthGrpc;
import java.util.function.Supplier;

/**
 * gRPC's health service: serving is a process that has no trouble. It says nothing of the cluster, so that a lost placement
 * driver does not take every store out of a load balancer at once. Owned by a gateway; calls never wait.
 */
final class HealthService extends HealthGrpc.HealthImplBase {
  private final Supplier<String> trouble;

  /**
   * The health of a process.
   *
   * @param trouble what is wrong with it; empty if nothing is
   */
  HealthService(Supplier<String> trouble) {
    this.trouble = trouble;
  }

  @Override
  public void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> answer) {
    if (!request.getService().isEmpty()) {
      answer.onError(Status.NOT_FOUND.withDescription("unknown service").asRuntimeException());
      return;
    }
    answer.onNext(HealthCheckResponse.newBuilder()
        .setStatus(trouble.get().isEmpty() ? ServingStatus.SERVING : ServingStatus.NOT_SERVING)
        .build());
    answer.onCompleted();
  }
}
