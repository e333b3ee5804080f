package io.quorate.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.InsecureServerCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quorate.proto.Envelope;
import io.quorate.proto.RequestBatch;
import io.quorate.proto.ResponseBatch;
import io.quorate.proto.StoreServiceGrpc;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A port between its binding and its services. */
class ListenerHostTest {
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private ListenerHost listener;
  private ManagedChannel channel;

  @BeforeEach
  void start() {
    listener = ListenerHost.bind(
        ListenAddress.parse("127.0.0.1:0"),
        "--listen",
        InsecureServerCredentials.create(),
        1 << 20,
        new NetworkBytes(meters, "clients"),
        List.of());
    channel = NettyChannelBuilder.forAddress("127.0.0.1", listener.port())
        .usePlaintext()
        .build();
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    listener.close();
  }

  private Status exchange() throws Exception {
    CompletableFuture<Status> ended = new CompletableFuture<>();
    StoreServiceGrpc.newStub(channel)
        .exchange(new StreamObserver<>() {
          @Override
          public void onNext(ResponseBatch answers) {}

          @Override
          public void onError(Throwable failure) {
            ended.complete(((StatusRuntimeException) failure).getStatus());
          }

          @Override
          public void onCompleted() {
            ended.complete(Status.OK);
          }
        })
        .onNext(RequestBatch.newBuilder()
            .setEnvelope(Envelope.newBuilder().setClusterId(7))
            .build());
    return ended.get(60, TimeUnit.SECONDS);
  }

  /** Does nothing but end each stream with the first message. */
  private static final class EndingService extends StoreServiceGrpc.StoreServiceImplBase {
    @Override
    public StreamObserver<RequestBatch> exchange(StreamObserver<ResponseBatch> answers) {
      return new StreamObserver<>() {
        @Override
        public void onNext(RequestBatch batch) {
          answers.onCompleted();
        }

        @Override
        public void onError(Throwable failure) {}

        @Override
        public void onCompleted() {}
      };
    }
  }

  @Test
  void earlyCallerIsToldToComeAgain() throws Exception {
    Status early = exchange();
    assertThat(early.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(early.getDescription()).contains("this store is starting");
    listener.serve(new EndingService());
    assertThat(exchange().isOk()).isTrue();
    assertThat(meters
            .get("quorate.store.network")
            .tags("port", "clients", "direction", "in")
            .counter()
            .count())
        .isPositive();
  }
}
