package io.quorate.raft.transport;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.quorate.proto.Pulse;
import io.quorate.proto.RaftFrame;
import io.quorate.proto.RaftMessage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

class OutboxTest {
  private final Deque<Runnable> tasks = new ArrayDeque<>();
  private final SimStream stream = new SimStream();
  private final TransportConfig config =
      TransportConfig.defaults().withFrameBytes(16 << 10).withQueued(64 << 10, 10);
  private final Outbox outbox = new Outbox(config, tasks::add, frame -> false);

  @Test
  void whatGathersBeforeTheStreamOpensLeavesInOneFrame() {
    outbox.offer(message(1, 100));
    outbox.offer(message(2, 100));
    run();
    assertThat(stream.frames).isEmpty();
    outbox.attach(stream, null);
    run();
    assertThat(stream.frames).hasSize(1);
    assertThat(stream.frames.get(0).getMessagesList())
        .extracting(RaftMessage::getCallId)
        .containsExactly(1L, 2L);
  }

  @Test
  void frameTakesNoFurtherMessageBeyondItsSize() {
    outbox.attach(stream, null);
    for (int i = 1; i <= 6; i++) {
      outbox.offer(message(i, 8 << 10));
    }
    run();
    assertThat(stream.frames).extracting(RaftFrame::getMessagesCount).containsExactly(2, 2, 2);
  }

  @Test
  void fullQueueRefuses() {
    for (int i = 1; i <= 10; i++) {
      assertThat(outbox.offer(message(i, 10))).isTrue();
    }
    assertThat(outbox.offer(message(11, 10))).isFalse();
    outbox.detach();
    assertThat(outbox.offer(message(12, 60 << 10))).isTrue();
    assertThat(outbox.offer(message(13, 10 << 10))).isFalse();
  }

  @Test
  void heartbeatsWaitForAMessageOrTheTick() {
    outbox.attach(stream, null);
    run();
    outbox.offerPulse(Pulse.newBuilder().setCallId(7).build());
    run();
    assertThat(stream.frames).isEmpty();
    outbox.flushIdle();
    run();
    assertThat(stream.frames).hasSize(1);
    outbox.offerPulse(Pulse.newBuilder().setCallId(8).build());
    outbox.offer(message(9, 10));
    run();
    assertThat(stream.frames).hasSize(2);
    assertThat(stream.frames.get(1).getPulsesCount()).isEqualTo(1);
  }

  @Test
  void streamThatAsksToWaitIsWaitedFor() {
    outbox.attach(stream, null);
    stream.ready = false;
    outbox.offer(message(1, 10));
    run();
    assertThat(stream.frames).isEmpty();
    stream.ready = true;
    outbox.flush();
    run();
    assertThat(stream.frames).hasSize(1);
  }

  @Test
  void endedStreamTakesWhatWaitedWithIt() {
    outbox.offer(message(1, 10));
    outbox.detach();
    outbox.attach(stream, null);
    run();
    assertThat(stream.frames).isEmpty();
  }

  @Test
  void streamThatBreaksWhileSendingLeavesTheOutboxUsable() {
    outbox.attach(frameRefuser(), null);
    outbox.offer(message(1, 10));
    run();
    outbox.detach();
    outbox.attach(stream, null);
    outbox.offer(message(2, 10));
    run();
    assertThat(stream.frames).hasSize(1);
  }

  private static Outbox.Stream frameRefuser() {
    return new Outbox.Stream() {
      @Override
      public boolean isReady() {
        return true;
      }

      @Override
      public void send(RaftFrame frame) {
        throw new IllegalStateException("call already closed");
      }
    };
  }

  private void run() {
    while (!tasks.isEmpty()) {
      tasks.remove().run();
    }
  }

  private static RaftMessage message(long call, int bytes) {
    return RaftMessage.newBuilder()
        .setCallId(call)
        .setPayload(ByteString.copyFrom(new byte[bytes]))
        .build();
  }

  private static final class SimStream implements Outbox.Stream {
    private final List<RaftFrame> frames = new ArrayList<>();
    private boolean ready = true;

    @Override
    public boolean isReady() {
      return ready;
    }

    @Override
    public void send(RaftFrame frame) {
      frames.add(frame);
    }
  }
}
