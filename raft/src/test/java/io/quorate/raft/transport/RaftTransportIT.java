package io.quorate.raft.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.alipay.sofa.jraft.rpc.RpcRequests.TimeoutNowRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.TimeoutNowResponse;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.quorate.proto.GroupTerm;
import io.quorate.proto.Pulse;
import io.quorate.proto.RaftMessage;
import io.quorate.proto.TruncationBound;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two ends of the transport on loopback. */
class RaftTransportIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private final List<AutoCloseable> open = new ArrayList<>();
  private final SimInbound second = new SimInbound();
  private final SimInbound first = new SimInbound();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open) {
      each.close();
    }
  }

  @Test
  void callsAreAnsweredInTheOrderTheyWereMade() throws IOException {
    RaftTransport transport = connect(0xc, 0xc, TransportConfig.defaults());
    List<CompletableFuture<Message>> answers = new ArrayList<>();
    for (long term = 1; term <= 1000; term++) {
      answers.add(call(transport, term));
    }
    for (long term = 1; term <= 1000; term++) {
      assertThat(((TimeoutNowResponse) answers.get((int) term - 1).join()).getTerm())
          .isEqualTo(term);
    }
    assertThat(second.terms).isSorted().hasSize(1000);
  }

  @Test
  void storeOfAnotherClusterIsNotSpokenTo() throws IOException {
    RaftTransport transport = connect(0xc, 0xd, TransportConfig.defaults());
    assertThat(failure(call(transport, 1))).contains("cluster id is c there and d here");
    await().atMost(PATIENCE).until(() -> first.unreachable.contains(2L));
    assertThat(second.terms).isEmpty();
  }

  @Test
  void lostStreamFailsItsCallsAtOnce() throws IOException {
    RaftTransport transport = connect(0xc, 0xc, TransportConfig.defaults());
    assertThat(call(transport, 1)).succeedsWithin(PATIENCE);
    second.silent = true;
    CompletableFuture<Message> pending = call(transport, 2);
    await().atMost(PATIENCE).until(() -> second.terms.contains(2L));
    transportOfSecond().close();
    assertThat(failure(pending)).contains("store stops");
  }

  @Test
  void callWithoutAnswerEndsByItsTimeout() throws IOException {
    RaftTransport transport = connect(0xc, 0xc, TransportConfig.defaults());
    second.silent = true;
    CompletableFuture<Message> pending = call(transport, 1);
    await().atMost(PATIENCE).until(() -> {
      transport.tick();
      return pending.isDone();
    });
    assertThat(failure(pending)).contains("no answer in time");
  }

  @Test
  void tooManyWaitingMessagesFailAtOnce() throws IOException {
    // Takes connections and never says a word: the stream stays on its way.
    try (ServerSocket mute = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      RaftTransport transport = new RaftTransport(
          new StoreIdentity(0xc, 1, 11),
          TransportConfig.defaults().withQueued(1 << 20, 1),
          store -> Optional.of("127.0.0.1:" + mute.getLocalPort()),
          address -> NettyChannelBuilder.forTarget(address).usePlaintext().build(),
          first);
      open.add(transport);
      CompletableFuture<Message> waiting = call(transport, 1);
      assertThat(failure(call(transport, 2))).contains("too much is waiting");
      assertThat(waiting).isNotDone();
    }
  }

  private RaftTransport transportOfSecond() {
    return (RaftTransport) open.get(1);
  }

  private RaftTransport connect(long cluster, long otherCluster, TransportConfig config)
      throws IOException {
    RaftTransport to = new RaftTransport(
        new StoreIdentity(otherCluster, 2, 22),
        config,
        store -> Optional.empty(),
        address -> {
          throw new IllegalStateException(address);
        },
        second);
    Server server = NettyServerBuilder.forAddress(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
        .directExecutor()
        .addService(to.service())
        .build()
        .start();
    RaftTransport from = new RaftTransport(
        new StoreIdentity(cluster, 1, 11),
        config,
        store -> Optional.of("127.0.0.1:" + server.getPort()),
        address -> NettyChannelBuilder.forTarget(address).usePlaintext().build(),
        first);
    open.add(from);
    open.add(to);
    open.add(server::shutdownNow);
    return from;
  }

  private static CompletableFuture<Message> call(RaftTransport transport, long term) {
    TimeoutNowRequest request = TimeoutNowRequest.newBuilder()
        .setGroupId("g")
        .setServerId("a")
        .setPeerId("b")
        .setTerm(term)
        .build();
    CompletableFuture<Message> answer = new CompletableFuture<>();
    transport
        .link(2)
        .call(
            1,
            1,
            request,
            (result, failure) -> {
              if (failure != null) {
                answer.completeExceptionally(failure);
              } else {
                answer.complete((Message) result);
              }
            },
            2000);
    return answer;
  }

  private static String failure(CompletableFuture<Message> answer) {
    try {
      return "answered: " + answer.orTimeout(60, TimeUnit.SECONDS).join();
    } catch (CompletionException e) {
      return String.valueOf(e.getCause());
    }
  }

  /** Answers a request with its term. */
  private static final class SimInbound implements Inbound {
    private final List<Long> terms = new CopyOnWriteArrayList<>();
    private final List<Long> unreachable = new CopyOnWriteArrayList<>();
    private volatile boolean silent;

    @Override
    public void request(long fromStore, RaftMessage request, Answers to) {
      try {
        TimeoutNowRequest parsed =
            (TimeoutNowRequest) MessageTypes.parse(request.getType(), request.getPayload());
        terms.add(parsed.getTerm());
        if (!silent) {
          to.answer(
              request.getCallId(),
              TimeoutNowResponse.newBuilder()
                  .setTerm(parsed.getTerm())
                  .setSuccess(true)
                  .build());
        }
      } catch (InvalidProtocolBufferException e) {
        to.refuse(request.getCallId(), e.toString());
      }
    }

    @Override
    public void pulses(long fromStore, List<Pulse> pulses, Answers to) {}

    @Override
    public boolean refuses(GroupTerm asked) {
      return false;
    }

    @Override
    public void truncationBounds(long fromStore, List<TruncationBound> bounds) {}

    @Override
    public void unreachable(long store) {
      unreachable.add(store);
    }
  }
}
