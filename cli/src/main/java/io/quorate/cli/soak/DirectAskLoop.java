package io.quorate.cli.soak;

import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.quorate.client.placement.PlacementClient;
import io.quorate.client.placement.PlacementClientConfig;
import io.quorate.client.transport.ChannelFactory;
import io.quorate.client.transport.Endpoint;
import io.quorate.client.transport.LoopChannel;
import io.quorate.client.transport.TransportConfig;
import io.quorate.model.StoreId;
import io.quorate.model.Wire;
import io.quorate.proto.Envelope;
import io.quorate.proto.OracleAnswer;
import io.quorate.proto.OracleAsk;
import io.quorate.proto.OracleRequest;
import io.quorate.proto.OracleResponse;
import io.quorate.proto.PlacementError;
import io.quorate.proto.PlacementServiceGrpc;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Asks every placement driver for revisions all the time, be it the leader or not, be it paused or not, and takes every
 * answer for true, whatever its term: a leader that was paused and deposed finds asks in its sockets when it wakes, and
 * must not answer them with revisions of the past. Owned by one round; one thread asks, the loops of its own channels take
 * the answers.
 */
public final class DirectAskLoop implements AutoCloseable {
  private static final long EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  private final ChannelFactory channels =
      new ChannelFactory(TransportConfig.defaults(), "direct-asks-io");
  private final List<Line> lines = new ArrayList<>();
  private final Queue<Op> answered = new ConcurrentLinkedQueue<>();
  private final AtomicLong numbers;
  private final long everyNanos;
  private final Envelope envelope;
  private final Thread thread;
  private volatile boolean stopped;

  /**
   * Starts to ask.
   *
   * @param pause between two asks of each, at least 5 ms
   * @param firstNumber tells the revisions given here from those of puts
   */
  public DirectAskLoop(String pdAddresses, Duration pause, long firstNumber) {
    this.everyNanos = Math.max(EVERY_NANOS, pause.toNanos());
    this.numbers = new AtomicLong(firstNumber);
    List<Endpoint> members = Endpoint.parseList(pdAddresses);
    try (PlacementClient placement =
        PlacementClient.connect(PlacementClientConfig.defaults(members, 0), channels)) {
      placement.members().join();
      envelope = Wire.clientEnvelope(placement.clusterId(), firstNumber, StoreId.NONE);
    }
    members.forEach(member -> lines.add(new Line(member, channels.open(member))));
    thread = new Thread(this::ask, "direct-asks");
    thread.setDaemon(true);
    thread.start();
  }

  private void ask() {
    while (!stopped) {
      lines.forEach(Line::ask);
      LockSupport.parkNanos(everyNanos);
    }
  }

  /** The stream to one placement driver, opened anew whenever it broke. Confined to the asking thread, but for its answers. */
  private final class Line implements ClientResponseObserver<OracleRequest, OracleResponse> {
    private final Endpoint member;
    private final LoopChannel channel;
    private final Map<Long, Long> begun = new ConcurrentHashMap<>();
    private volatile long inTouch;
    private volatile @Nullable ClientCallStreamObserver<OracleRequest> stream;

    Line(Endpoint member, LoopChannel channel) {
      this.member = member;
      this.channel = channel;
    }

    void ask() {
      ClientCallStreamObserver<OracleRequest> open = stream;
      if (open == null) {
        var unused = PlacementServiceGrpc.newStub(channel.channel()).oracle(this);
        return;
      }
      long id = numbers.getAndIncrement();
      begun.put(id, System.nanoTime());
      OracleAsk ask =
          OracleAsk.newBuilder().setAskId(id).setCount((int) (id % 2)).build();
      try {
        open.onNext(
            OracleRequest.newBuilder().setEnvelope(envelope).addAsks(ask).build());
      } catch (IllegalStateException ended) {
        stream = null;
      }
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<OracleRequest> requests) {
      stream = requests;
    }

    @Override
    public void onNext(OracleResponse response) {
      long ended = System.nanoTime();
      if (response.getAnswersCount() > 0
          || !response.getError().getLeaderAddress().isEmpty()) {
        inTouch = ended;
      }
      boolean told = response.getError().getCode() == PlacementError.Code.OK;
      for (OracleAnswer answer : response.getAnswersList()) {
        Long began = begun.remove(answer.getAskId());
        // An error lists the asks that it answers, too.
        if (began != null && told) {
          answered.add(
              answer.getAskId() % 2 == 0
                  ? Op.current(answer.getRevision(), began, ended)
                  : Op.next(answer.getAskId(), answer.getRevision(), began, ended));
        }
      }
    }

    @Override
    public void onError(Throwable broken) {
      stream = null;
      begun.clear();
    }

    @Override
    public void onCompleted() {
      stream = null;
      begun.clear();
    }

    void close() {
      ClientCallStreamObserver<OracleRequest> open = stream;
      if (open != null) {
        open.cancel("the round has ended", null);
      }
      channel.close();
    }
  }

  /** Whether the member has shown, since that time, that it leads or knows who does. */
  public boolean inTouchSince(String address, long nanos) {
    return lines.stream()
        .filter(line -> line.member.equals(Endpoint.parse(address)))
        .allMatch(line -> line.inTouch >= nanos);
  }

  /** Ends the asking, drops what is under way, and gives what was answered. */
  public List<Op> stop() {
    close();
    return List.copyOf(answered);
  }

  @Override
  public void close() {
    stopped = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    lines.forEach(Line::close);
    channels.close();
  }
}
