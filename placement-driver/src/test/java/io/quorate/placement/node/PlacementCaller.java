package io.quorate.placement.node;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.quorate.model.Protocol;
import io.quorate.proto.Envelope;
import io.quorate.proto.HeartbeatRequest;
import io.quorate.proto.HeartbeatResponse;
import io.quorate.proto.HistoryServiceGrpc;
import io.quorate.proto.JoinStoreRequest;
import io.quorate.proto.JoinStoreResponse;
import io.quorate.proto.MembersRequest;
import io.quorate.proto.MembersResponse;
import io.quorate.proto.OracleAsk;
import io.quorate.proto.OracleRequest;
import io.quorate.proto.OracleResponse;
import io.quorate.proto.PlacementServiceGrpc;
import io.quorate.proto.StoreDescriptor;
import io.quorate.proto.StoreStats;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One connection to one PD, as a store or client would use it, blocking. */
final class PlacementCaller implements AutoCloseable {
  private final ManagedChannel channel;
  private final long clusterId;
  private @Nullable StreamObserver<OracleRequest> oracle;
  private final BlockingQueue<OracleResponse> numbers = new LinkedBlockingQueue<>();
  private long asks;

  PlacementCaller(String address, long clusterId) {
    channel = NettyChannelBuilder.forTarget(address).usePlaintext().build();
    this.clusterId = clusterId;
  }

  Envelope envelope() {
    return Envelope.newBuilder()
        .setClusterId(clusterId)
        .setProtocolVersion(Protocol.VERSION)
        .build();
  }

  PlacementServiceGrpc.PlacementServiceBlockingStub calls() {
    return PlacementServiceGrpc.newBlockingStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS);
  }

  PlacementServiceGrpc.PlacementServiceStub streams() {
    return PlacementServiceGrpc.newStub(channel);
  }

  HistoryServiceGrpc.HistoryServiceBlockingStub history() {
    return HistoryServiceGrpc.newBlockingStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS);
  }

  MembersResponse members() {
    return calls().members(MembersRequest.getDefaultInstance());
  }

  JoinStoreResponse join(long storeId, long incarnation, String host) {
    return calls()
        .joinStore(JoinStoreRequest.newBuilder()
            .setEnvelope(envelope())
            .setStore(StoreDescriptor.newBuilder()
                .setStoreId(storeId)
                .setIncarnation(incarnation)
                .setClientAddress(host + ":1")
                .setPeerAddress(host + ":2"))
            .build());
  }

  /** One full heartbeat on a stream of its own, and the first answer to it. */
  HeartbeatResponse beat(long storeId, long incarnation, List<Long> held)
      throws InterruptedException {
    BlockingQueue<HeartbeatResponse> answers = new LinkedBlockingQueue<>();
    StreamObserver<HeartbeatRequest> stream = streams().heartbeat(into(answers));
    stream.onNext(HeartbeatRequest.newBuilder()
        .setEnvelope(envelope().toBuilder().setFromStore(storeId).setFromIncarnation(incarnation))
        .setStore(StoreStats.newBuilder().setRegionCount(held.size()))
        .addAllHeldRegions(held)
        .setFull(true)
        .build());
    HeartbeatResponse answer = answers.poll(30, TimeUnit.SECONDS);
    stream.onCompleted();
    return answer == null ? HeartbeatResponse.getDefaultInstance() : answer;
  }

  OracleResponse ask(int count, long seen) throws InterruptedException {
    return tryAsk(count, seen).orElseThrow(() -> new AssertionError("PD gave no answer"));
  }

  /** The answer to one ask, or none if none came in time or the stream broke. */
  Optional<OracleResponse> tryAsk(int count, long seen) throws InterruptedException {
    StreamObserver<OracleRequest> out = oracle;
    if (out == null) {
      out = streams().oracle(into(numbers));
      oracle = out;
    }
    long id = ++asks;
    try {
      out.onNext(OracleRequest.newBuilder()
          .setEnvelope(envelope())
          .addAsks(OracleAsk.newBuilder().setAskId(id).setCount(count).setSeen(seen))
          .build());
    } catch (IllegalStateException e) {
      // The stream broke meanwhile; the next ask opens another.
      oracle = null;
      return Optional.empty();
    }
    OracleResponse answer = numbers.poll(5, TimeUnit.SECONDS);
    if (answer == null || answer.getAnswersCount() == 0 || answer.getAnswers(0).getAskId() != id) {
      oracle = null;
      numbers.clear();
      return Optional.empty();
    }
    return Optional.of(answer);
  }

  static <T> StreamObserver<T> into(BlockingQueue<T> queue) {
    return new StreamObserver<>() {
      @Override
      public void onNext(T message) {
        queue.add(message);
      }

      @Override
      public void onError(Throwable failure) {}

      @Override
      public void onCompleted() {}
    };
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
