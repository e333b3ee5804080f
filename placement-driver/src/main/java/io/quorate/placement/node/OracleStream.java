package io.quorate.placement.node;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quorate.placement.cluster.ClusterImage;
import io.quorate.placement.oracle.OracleHost;
import io.quorate.placement.oracle.OracleSink;
import io.quorate.placement.registry.Envelopes;
import io.quorate.proto.OracleAnswer;
import io.quorate.proto.OracleRequest;
import io.quorate.proto.OracleResponse;
import io.quorate.proto.PlacementError;
import java.util.Optional;
import java.util.function.Supplier;

/** One store's or client's stream of revision asks. Thread: gRPC's of the call; replies by any. */
final class OracleStream extends GrpcSink<OracleResponse>
    implements StreamObserver<OracleRequest>, OracleSink {
  private final OracleHost oracle;
  private final Supplier<ClusterImage> image;

  OracleStream(
      ServerCallStreamObserver<OracleResponse> out,
      OracleHost oracle,
      Supplier<ClusterImage> image) {
    super(out);
    this.oracle = oracle;
    this.image = image;
    readUnderBackPressure();
  }

  @Override
  public void onNext(OracleRequest request) {
    Optional<PlacementError> refusal = refusal(request);
    if (refusal.isPresent()) {
      OracleResponse.Builder response = OracleResponse.newBuilder().setError(refusal.get());
      request
          .getAsksList()
          .forEach(ask -> response.addAnswers(OracleAnswer.newBuilder().setAskId(ask.getAskId())));
      send(response.build());
    } else {
      oracle.ask(this, request.getAsksList());
    }
    requestNext();
  }

  private Optional<PlacementError> refusal(OracleRequest request) {
    ClusterImage now = image.get();
    Optional<PlacementError> foreign = Envelopes.refusal(request.getEnvelope(), now);
    if (foreign.isPresent() || request.getEnvelope().getFromStore() == 0 || !oracle.isLeading()) {
      return foreign;
    }
    return Envelopes.refusalOfStore(request.getEnvelope(), now);
  }

  @Override
  public void reply(OracleResponse response) {
    send(response);
  }

  @Override
  public void onError(Throwable failure) {
    cancelled();
  }

  @Override
  public void onCompleted() {
    complete();
  }
}
