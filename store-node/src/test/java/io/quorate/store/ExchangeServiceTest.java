package io.quorate.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.InsecureServerCredentials;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quorate.model.Protocol;
import io.quorate.model.StoreId;
import io.quorate.proto.Envelope;
import io.quorate.proto.GetRequest;
import io.quorate.proto.GetResponse;
import io.quorate.proto.PutRequest;
import io.quorate.proto.RefusalCode;
import io.quorate.proto.Request;
import io.quorate.proto.RequestBatch;
import io.quorate.proto.Response;
import io.quorate.proto.ResponseBatch;
import io.quorate.proto.StoreServiceGrpc;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The store's door over a real connection, before regions that answer when the test says so. */
class ExchangeServiceTest {
  private static final StoreIdentity SELF = new StoreIdentity(5, new StoreId(2), 77);
  private static final StoreLimits LIMITS =
      new StoreLimits(1000, 1 << 20, 8, 1_000_000, 1 << 20, 1 << 20);

  /** Holds requests back until it is told to answer. */
  private static final class SimRegions implements RegionDispatch {
    private final Map<Long, Consumer<Response>> held = new ConcurrentHashMap<>();

    @Override
    public void handle(Envelope envelope, Request request, Consumer<Response> sink) {
      if (request.getRegionId() == 1) {
        sink.accept(answer(request.getRequestId()));
      } else {
        held.put(request.getRequestId(), sink);
      }
    }

    void answerAll() {
      held.forEach((id, sink) -> sink.accept(answer(id)));
      held.clear();
    }

    private static Response answer(long id) {
      return Response.newBuilder()
          .setRequestId(id)
          .setGet(GetResponse.getDefaultInstance())
          .build();
    }
  }

  private final SimRegions regions = new SimRegions();
  private final ExchangeService service = new ExchangeService(
      new EnvelopeCheck(SELF), new AccessGuard(regions, Optional.empty()), LIMITS);
  private final Queue<ResponseBatch> batches = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean completed = new AtomicBoolean();
  private ListenerHost listener;
  private ManagedChannel channel;
  private StreamObserver<RequestBatch> stream;

  @BeforeEach
  void connect() {
    listener = ListenerHost.bind(
        new ListenAddress("127.0.0.1", 0),
        "--listen",
        InsecureServerCredentials.create(),
        LIMITS.messageBytes(),
        new NetworkBytes(new SimpleMeterRegistry(), "clients"),
        List.of());
    listener.serve(service);
    channel = NettyChannelBuilder.forAddress("127.0.0.1", listener.port())
        .usePlaintext()
        .build();
    stream = StoreServiceGrpc.newStub(channel).exchange(new StreamObserver<>() {
      @Override
      public void onNext(ResponseBatch batch) {
        batches.add(batch);
      }

      @Override
      public void onError(Throwable failure) {
        completed.set(true);
      }

      @Override
      public void onCompleted() {
        completed.set(true);
      }
    });
  }

  @AfterEach
  void disconnect() {
    channel.shutdownNow();
    listener.close();
  }

  @Test
  void answersOfOneBatchComeBackInOneBatch() {
    send(envelope(), 1, LongStream.range(0, 8));
    assertThat(awaitAnswers(8))
        .extracting(Response::getRequestId)
        .containsExactlyInAnyOrder(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L);
    assertThat(batches).hasSize(1);
    assertThat(batches.element().getEnvelope().getFromStore()).isEqualTo(2);
  }

  @Test
  void slowRequestDoesNotHoldUpOthers() {
    send(envelope(), 9, LongStream.of(1));
    send(envelope(), 1, LongStream.of(2));
    assertThat(awaitAnswers(1)).extracting(Response::getRequestId).containsExactly(2L);
    regions.answerAll();
    awaitAnswers(2);
  }

  @Test
  void messageForAnotherClusterReachesNoRegion() {
    send(envelope().setClusterId(6), 9, LongStream.of(1, 2));
    assertThat(awaitAnswers(2)).allMatch(answer -> answer.getRegionError().hasMisdirected());
    assertThat(regions.held).isEmpty();
  }

  @Test
  void requestsBeyondTheStreamsLimitAreBusy() {
    send(envelope(), 9, LongStream.range(0, 10));
    assertThat(awaitAnswers(2)).allMatch(answer -> answer.getRegionError().hasServerBusy());
    regions.answerAll();
    awaitAnswers(10);
    send(envelope(), 1, LongStream.of(20));
    assertThat(awaitAnswers(11).get(10).hasGet()).isTrue();
  }

  @Test
  void oversizedRequestIsRefusedInEtcdsWords() {
    Request large = Request.newBuilder()
        .setRequestId(1)
        .setRegionId(9)
        .setPut(PutRequest.newBuilder().setValue(ByteString.copyFrom(new byte[1001])))
        .build();
    stream.onNext(
        RequestBatch.newBuilder().setEnvelope(envelope()).addRequests(large).build());
    Response answer = awaitAnswers(1).get(0);
    assertThat(answer.getRefusal().getCode()).isEqualTo(RefusalCode.REQUEST_TOO_LARGE);
    assertThat(answer.getRefusal().getMessage()).isEqualTo("etcdserver: request is too large");
  }

  @Test
  void closingAnswersWhatIsInWorkAndThenEndsTheStream() {
    send(envelope(), 9, LongStream.of(1));
    Awaitility.await().until(() -> regions.held.size() == 1);
    service.closeWhenIdle();
    send(envelope(), 1, LongStream.of(2));
    assertThat(awaitAnswers(1).get(0).getRegionError().hasUnavailable()).isTrue();
    assertThat(completed).isFalse();
    regions.answerAll();
    awaitAnswers(2);
    Awaitility.await().untilTrue(completed);
  }

  @Test
  void streamThatBreaksGivesBackWhatItHeld() {
    send(envelope(), 9, LongStream.range(0, 4));
    Awaitility.await().until(() -> regions.held.size() == 4);
    assertThat(service.queuedRequestBytes()).isPositive();
    channel.shutdownNow();
    Awaitility.await().until(() -> service.openStreams() == 0);
    regions.answerAll();
    Awaitility.await().until(() -> service.queuedRequestBytes() == 0);
  }

  private static Envelope.Builder envelope() {
    return Envelope.newBuilder()
        .setProtocolVersion(Protocol.VERSION)
        .setClusterId(5)
        .setToStore(2);
  }

  private void send(Envelope.Builder envelope, long region, LongStream ids) {
    RequestBatch.Builder batch = RequestBatch.newBuilder().setEnvelope(envelope);
    ids.forEach(id -> batch.addRequests(Request.newBuilder()
        .setRequestId(id)
        .setRegionId(region)
        .setGet(GetRequest.newBuilder().setKey(ByteString.copyFromUtf8("k")))));
    stream.onNext(batch.build());
  }

  private List<Response> awaitAnswers(int count) {
    Awaitility.await().until(() -> answers().size() >= count);
    return answers();
  }

  private List<Response> answers() {
    return batches.stream().flatMap(batch -> batch.getResponsesList().stream()).toList();
  }
}
