package io.quorate.raft.transport;

import com.alipay.sofa.jraft.rpc.InvokeCallback;
import com.alipay.sofa.jraft.rpc.RpcRequests.AppendEntriesResponse;
import com.alipay.sofa.jraft.rpc.RpcRequests.ErrorResponse;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.quorate.proto.ConfirmAnswer;
import io.quorate.proto.GroupTerm;
import io.quorate.proto.Pulse;
import io.quorate.proto.PulseAnswer;
import io.quorate.proto.RaftFrame;
import io.quorate.proto.RaftMessage;
import io.quorate.proto.TruncationBound;
import io.quorate.raft.mailbox.Mailbox;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All that this store asks one other store: calls with their answers, heartbeats, barrier questions. Owned by the
 * {@link RaftTransport}; any thread may ask; answers come on shared threads, one group's in order.
 */
public final class PeerLink {
  private static final Logger log = LoggerFactory.getLogger(PeerLink.class);
  /** Answers of different groups are handled side by side on so many lanes. */
  private static final int LANES = 4;

  private final long store;
  private final TransportConfig config;
  private final Inbound inbound;
  private final Executor executor;
  private final Calls calls;
  private final ConfirmLane confirms = new ConfirmLane();
  private final Outbox outbox;
  private final PeerStream stream;
  private final List<Mailbox<Runnable>> lanes = new ArrayList<>();
  private volatile long lastFrameNanos = System.nanoTime();

  PeerLink(
      long store,
      StoreIdentity self,
      TransportConfig config,
      PeerAddresses addresses,
      ChannelFactory channels,
      Inbound inbound,
      Executor executor) {
    this.store = store;
    this.config = config;
    this.inbound = inbound;
    this.executor = executor;
    this.calls = new Calls(config.callsPerStore());
    this.outbox = new Outbox(config, executor, confirms);
    this.stream = new PeerStream(store, self, config, addresses, channels, outbox, new Events());
    for (int i = 0; i < LANES; i++) {
      lanes.add(new Mailbox<>(
          config.callsPerStore(),
          executor,
          (task, sequence, last) -> task.run(),
          (failure, sequence, task) -> log.error("an answer of store {} failed", store, failure)));
    }
  }

  /** Sends a request of a group; the callback gets the answer or the failure, never on this thread. */
  public void call(
      long group, long replica, Message request, InvokeCallback callback, long timeoutMillis) {
    int type = MessageTypes.number(request);
    if (type < 0) {
      fail(callback, "message type does not travel: " + request.getClass().getName());
      return;
    }
    if (!stream.ensure()) {
      fail(callback, "store " + store + " is not reachable");
      return;
    }
    long number = calls.register(group, callback, System.nanoTime(), timeoutMillis);
    RaftMessage message = RaftMessage.newBuilder()
        .setCallId(number)
        .setType(type)
        .setPayload(request.toByteString())
        .setGroupId(group)
        .setToReplica(replica)
        .build();
    if (number == 0 || !outbox.offer(message)) {
      calls.remove(number);
      fail(callback, "too much is waiting for store " + store);
    }
  }

  /** Sends a heartbeat with the next frame or tick. */
  void pulse(Pulse.Builder pulse, InvokeCallback callback, long timeoutMillis) {
    if (!stream.ensure()) {
      fail(callback, "store " + store + " is not reachable");
      return;
    }
    long number = calls.register(pulse.getGroupId(), callback, System.nanoTime(), timeoutMillis);
    if (number == 0 || !outbox.offerPulse(pulse.setCallId(number).build())) {
      calls.remove(number);
      fail(callback, "too much is waiting for store " + store);
    }
  }

  /** Asks for a barrier; {@link #flush} sends the questions asked so far. */
  public void confirm(GroupTerm asked, Consumer<Boolean> answer) {
    if (!stream.ensure()) {
      executor.execute(() -> answer.accept(false));
      return;
    }
    confirms.ask(asked, answer);
  }

  public void bounds(List<TruncationBound> newest) {
    if (stream.ensure()) {
      outbox.offerBounds(newest);
    }
  }

  /** Says something to the owner of the groups over there; it may be lost. */
  public void word(ByteString word) {
    if (stream.ensure()) {
      outbox.offerWord(word);
    }
  }

  public void flush() {
    outbox.flush();
  }

  /** Sends heartbeats that no message took along. */
  void flushIdle() {
    outbox.flushIdle();
  }

  /** Looks whether the store can be connected to; a failure is told to {@link Inbound#unreachable}. */
  void probe() {
    stream.ensure();
  }

  /** Ends calls whose time is over, and a stream that owes answers and is silent. */
  void expire(long nowNanos) {
    for (Calls.Call call : calls.removeExpired(nowNanos)) {
      lane(call.group()).put(() -> call.callback().complete(null, Calls.timedOut()));
    }
    if (calls.isEmpty()) {
      lastFrameNanos = nowNanos;
    } else if (nowNanos - lastFrameNanos > config.silence().toNanos()) {
      lastFrameNanos = nowNanos;
      stream.reset("silent for " + config.silence().toMillis() + " ms");
    }
  }

  void close() {
    stream.close();
    lost("transport closed");
  }

  private Mailbox<Runnable> lane(long group) {
    return lanes.get((int) Long.remainderUnsigned(group, LANES));
  }

  private void fail(InvokeCallback callback, String why) {
    executor.execute(() -> callback.complete(null, Calls.failed(why)));
  }

  private static void complete(Calls.Call call, RaftMessage message) {
    if (!message.getFailure().isEmpty()) {
      call.callback().complete(null, Calls.failed(message.getFailure()));
      return;
    }
    Message answer;
    try {
      answer = MessageTypes.parse(message.getType(), message.getPayload());
    } catch (InvalidProtocolBufferException e) {
      call.callback().complete(null, Calls.failed("answer cannot be read: " + e.getMessage()));
      return;
    }
    call.callback().complete(answer, null);
  }

  private void pulseAnswered(PulseAnswer answer) {
    Optional<Calls.Call> call = calls.remove(answer.getCallId());
    if (call.isEmpty()) {
      return;
    }
    Message response;
    if (answer.getFailure().isEmpty()) {
      AppendEntriesResponse.Builder built = AppendEntriesResponse.newBuilder()
          .setSuccess(answer.getSuccess())
          .setTerm(answer.getTerm());
      if (answer.hasLastIndex()) {
        built.setLastLogIndex(answer.getLastIndex());
      }
      response = built.build();
    } else {
      response = ErrorResponse.newBuilder()
          .setErrorCode(-1)
          .setErrorMsg(answer.getFailure())
          .build();
    }
    call.get().callback().complete(response, null);
  }

  private void take(RaftFrame frame) {
    lastFrameNanos = System.nanoTime();
    for (RaftMessage message : frame.getMessagesList()) {
      Optional<Calls.Call> call = calls.remove(message.getCallId());
      call.ifPresent(open -> lane(open.group()).put(() -> complete(open, message)));
    }
    List<PulseAnswer> answers = frame.getPulseAnswersList();
    if (!answers.isEmpty()) {
      executor.execute(() -> answers.forEach(this::pulseAnswered));
    }
    if (frame.hasConfirmAnswer()) {
      executor.execute(() -> confirmed(frame.getConfirmAnswer()));
    }
  }

  private void confirmed(ConfirmAnswer answer) {
    if (confirms.answered(answer)) {
      outbox.flush();
    }
  }

  private void lost(String why) {
    confirms.lost();
    for (Calls.Call call : calls.removeAll()) {
      lane(call.group()).put(() -> call.callback().complete(null, Calls.failed(why)));
    }
  }

  /** What the stream reports. */
  private final class Events implements PeerStream.Listener {
    @Override
    public void frame(RaftFrame frame) {
      take(frame);
    }

    @Override
    public void lost(String why) {
      PeerLink.this.lost(why);
    }

    @Override
    public void unreachable() {
      inbound.unreachable(store);
    }
  }
}
