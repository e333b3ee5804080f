package io.quorate.placement.node;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quorate.placement.cluster.ClusterImage;
import io.quorate.placement.registry.Envelopes;
import io.quorate.placement.registry.RegistryHost;
import io.quorate.proto.HeartbeatRequest;
import io.quorate.proto.HeartbeatResponse;
import io.quorate.proto.PlacementError;
import java.util.Optional;
import java.util.function.Supplier;

/** One store's stream of heartbeats. Thread: gRPC's of the call; replies by any. */
final class HeartbeatStream extends GrpcSink<HeartbeatResponse>
    implements StreamObserver<HeartbeatRequest> {
  private final RegistryHost registry;
  private final Supplier<ClusterImage> image;

  HeartbeatStream(
      ServerCallStreamObserver<HeartbeatResponse> out,
      RegistryHost registry,
      Supplier<ClusterImage> image) {
    super(out);
    this.registry = registry;
    this.image = image;
    readUnderBackPressure();
  }

  @Override
  public void onNext(HeartbeatRequest request) {
    ClusterImage now = image.get();
    Optional<PlacementError> refusal = Envelopes.refusal(request.getEnvelope(), now);
    if (refusal.isEmpty() && registry.isLeading()) {
      // A follower's image may lack a store that joined a moment ago: only the leader may say
      // "unknown".
      refusal = Envelopes.refusalOfStore(request.getEnvelope(), now);
    }
    if (refusal.isPresent()) {
      send(HeartbeatResponse.newBuilder().setError(refusal.get()).build());
    } else {
      registry.beat(this, request);
    }
    requestNext();
  }

  @Override
  protected void onGone() {
    registry.hangUp(this);
  }

  @Override
  public void onError(Throwable failure) {
    cancelled();
  }

  @Override
  public void onCompleted() {
    registry.hangUp(this);
    complete();
  }
}
