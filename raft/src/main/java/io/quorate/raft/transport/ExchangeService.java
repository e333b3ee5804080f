package io.quorate.raft.transport;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quorate.proto.Confirm;
import io.quorate.proto.ConfirmAnswer;
import io.quorate.proto.PulseAnswer;
import io.quorate.proto.RaftFrame;
import io.quorate.proto.RaftMessage;
import io.quorate.proto.RaftTransportGrpc;
import io.quorate.proto.SnapshotFetch;
import io.quorate.proto.SnapshotPiece;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The answering end of the streams that other stores open to this one; owned by the {@link RaftTransport}, called on the
 * gRPC server's threads. A store's newer stream takes the place of its older one.
 */
final class ExchangeService extends RaftTransportGrpc.RaftTransportImplBase {
  private static final Logger log = LoggerFactory.getLogger(ExchangeService.class);
  private static final int READY_BYTES = 1 << 20;

  private final StoreIdentity self;
  private final TransportConfig config;
  private final PeerAddresses others;
  private final Inbound inbound;
  private final Executor executor;
  private final LongConsumer lost;
  private final Map<Long, Incoming> streams = new ConcurrentHashMap<>();
  private volatile boolean closed;

  ExchangeService(
      StoreIdentity self,
      TransportConfig config,
      PeerAddresses others,
      Inbound inbound,
      Executor executor,
      LongConsumer lost) {
    this.self = self;
    this.config = config;
    this.others = others;
    this.inbound = inbound;
    this.executor = executor;
    this.lost = lost;
  }

  @Override
  public StreamObserver<RaftFrame> exchange(StreamObserver<RaftFrame> responses) {
    return new Incoming((ServerCallStreamObserver<RaftFrame>) responses);
  }

  @Override
  public void fetchSnapshot(SnapshotFetch asked, StreamObserver<SnapshotPiece> response) {
    SnapshotResponse out = new SnapshotResponse((ServerCallStreamObserver<SnapshotPiece>) response);
    Optional<String> mismatch = Greeting.mismatch(
        RaftFrame.newBuilder().setEnvelope(asked.getEnvelope()).build(), self, 0, others);
    if (mismatch.isPresent() || closed) {
      out.refuse(mismatch.orElse("store stops"));
    } else {
      inbound.snapshot(asked, out);
    }
  }

  void close() {
    closed = true;
    streams.values().forEach(stream -> stream.refuse(Status.UNAVAILABLE, "store stops"));
  }

  /** One stream of another store. */
  private final class Incoming
      implements StreamObserver<RaftFrame>, Outbox.Stream, Inbound.Answers {
    private final ServerCallStreamObserver<RaftFrame> responses;
    private final Outbox outbox = new Outbox(config, executor, frame -> false);
    private volatile long from;
    private volatile boolean ended;

    Incoming(ServerCallStreamObserver<RaftFrame> responses) {
      this.responses = responses;
      responses.setOnReadyThreshold(READY_BYTES);
      responses.setOnReadyHandler(outbox::flush);
      responses.setOnCancelHandler(this::end);
    }

    @Override
    public void onNext(RaftFrame frame) {
      if (ended) {
        return;
      }
      if (from == 0) {
        greet(frame);
        return;
      }
      for (RaftMessage message : frame.getMessagesList()) {
        inbound.request(from, message, this);
      }
      if (frame.getPulsesCount() > 0) {
        inbound.pulses(from, frame.getPulsesList(), this);
      }
      if (frame.hasConfirm()) {
        confirm(frame.getConfirm());
      }
      if (frame.getTruncationBoundsCount() > 0) {
        inbound.truncationBounds(from, frame.getTruncationBoundsList());
      }
      for (ByteString word : frame.getWordsList()) {
        inbound.word(from, word);
      }
    }

    private void greet(RaftFrame first) {
      Optional<String> mismatch = Greeting.mismatch(first, self, 0, others);
      if (mismatch.isPresent() || closed) {
        refuse(Status.FAILED_PRECONDITION, mismatch.orElse("store stops"));
        return;
      }
      from = first.getEnvelope().getFromStore();
      Incoming older = streams.put(from, this);
      if (older != null) {
        older.refuse(Status.ABORTED, "store " + from + " opened a newer stream");
      }
      responses.onNext(Greeting.to(from, first.getEnvelope().getFromIncarnation(), self));
      outbox.attach(this, Loops.ofThisThread());
    }

    /** Answered on the stream's own thread: the check is a look-up, and every read waits for it. */
    private void confirm(Confirm confirm) {
      ConfirmAnswer.Builder answer = ConfirmAnswer.newBuilder().setRound(confirm.getRound());
      for (int i = 0; i < confirm.getGroupsCount(); i++) {
        if (inbound.refuses(confirm.getGroups(i))) {
          answer.addRefused(i);
        }
      }
      outbox.offerConfirmAnswer(answer.build());
    }

    @Override
    public void onError(Throwable failure) {
      end();
    }

    @Override
    public void onCompleted() {
      end();
      complete(null);
    }

    void refuse(Status status, String why) {
      log.info("store {}: stream of store {} refused: {}", self.storeId(), from, why);
      end();
      complete(status.withDescription(why));
    }

    private void complete(@Nullable Status failure) {
      try {
        if (failure == null) {
          responses.onCompleted();
        } else {
          responses.onError(failure.asRuntimeException());
        }
      } catch (IllegalStateException alreadyOver) {
        log.debug("stream of store {} was already over", from);
      }
    }

    private void end() {
      if (ended) {
        return;
      }
      ended = true;
      outbox.detach();
      if (from != 0 && streams.remove(from, this) && !closed) {
        lost.accept(from);
      }
    }

    @Override
    public boolean isReady() {
      return responses.isReady();
    }

    @Override
    public void send(RaftFrame frame) {
      responses.onNext(frame);
    }

    @Override
    public void answer(long callId, Message answer) {
      send(RaftMessage.newBuilder()
          .setCallId(callId)
          .setAnswer(true)
          .setType(MessageTypes.number(answer))
          .setPayload(answer.toByteString())
          .build());
    }

    @Override
    public void refuse(long callId, String why) {
      send(RaftMessage.newBuilder()
          .setCallId(callId)
          .setAnswer(true)
          .setFailure(why)
          .build());
    }

    @Override
    public void pulses(List<PulseAnswer> answers) {
      outbox.offerPulseAnswers(answers);
    }

    private void send(RaftMessage answer) {
      if (!ended && !outbox.offer(answer)) {
        // Without its answers the other store cannot go on; a new stream starts clean.
        refuse(Status.RESOURCE_EXHAUSTED, "too many answers wait for store " + from);
      }
    }
  }
}
