package io.quorate.raft.transport;

import com.google.protobuf.ByteString;
import io.quorate.proto.ConfirmAnswer;
import io.quorate.proto.Pulse;
import io.quorate.proto.PulseAnswer;
import io.quorate.proto.RaftFrame;
import io.quorate.proto.RaftMessage;
import io.quorate.proto.TruncationBound;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What waits to go out on one direction of one stream; owned by the stream's end, filled on any thread, drained on the
 * connection's own loop, which has to be woken for a frame anyway. A frame takes along whatever has gathered while the one
 * before it was written: batching by back pressure.
 */
final class Outbox {
  /** The stream's own side; called by one thread at a time. */
  interface Stream {
    boolean isReady();

    void send(RaftFrame frame);
  }

  /** Adds to a frame what is kept elsewhere; answers whether it added anything. */
  interface Passenger {
    boolean board(RaftFrame.Builder frame);
  }

  private final TransportConfig config;
  /** Where to drain while the stream does not say. */
  private final Executor executor;

  private final Passenger passenger;
  private final Runnable drain = this::drain;

  private final ReentrantLock lock = new ReentrantLock();
  private final ArrayDeque<RaftMessage> messages = new ArrayDeque<>();
  private final ArrayDeque<ConfirmAnswer> confirmAnswers = new ArrayDeque<>();
  private List<Pulse> pulses = new ArrayList<>();
  private List<PulseAnswer> pulseAnswers = new ArrayList<>();
  private List<TruncationBound> bounds = new ArrayList<>();
  private final ArrayDeque<ByteString> words = new ArrayDeque<>();
  private long bytes;
  private boolean draining;
  private boolean urgent;
  private @Nullable Stream stream;
  private Executor drainer;

  Outbox(TransportConfig config, Executor executor, Passenger passenger) {
    this.config = config;
    this.executor = executor;
    this.drainer = executor;
    this.passenger = passenger;
  }

  /** Takes a message, or answers false when a bound is reached. */
  boolean offer(RaftMessage message) {
    int size = message.getPayload().size();
    Executor wanted;
    lock.lock();
    try {
      if (messages.size() >= config.queuedMessages() || bytes + size > config.queuedBytes()) {
        return false;
      }
      messages.add(message);
      bytes += size;
      wanted = urge();
    } finally {
      lock.unlock();
    }
    startOn(wanted);
    return true;
  }

  /** Takes a heartbeat along with the next frame, or with the next {@link #flush}. */
  boolean offerPulse(Pulse pulse) {
    lock.lock();
    try {
      return pulses.size() < config.queuedMessages() && pulses.add(pulse);
    } finally {
      lock.unlock();
    }
  }

  void offerPulseAnswers(List<PulseAnswer> answers) {
    Executor wanted = null;
    lock.lock();
    try {
      if (pulseAnswers.size() < config.queuedMessages()) {
        pulseAnswers.addAll(answers);
        wanted = urge();
      }
    } finally {
      lock.unlock();
    }
    startOn(wanted);
  }

  void offerBounds(List<TruncationBound> newest) {
    lock.lock();
    try {
      bounds = new ArrayList<>(newest);
    } finally {
      lock.unlock();
    }
  }

  /** Takes a word, or drops it when a bound is reached. */
  void offerWord(ByteString word) {
    Executor wanted = null;
    lock.lock();
    try {
      if (words.size() < config.queuedMessages()) {
        words.add(word);
        wanted = urge();
      }
    } finally {
      lock.unlock();
    }
    startOn(wanted);
  }

  void offerConfirmAnswer(ConfirmAnswer answer) {
    Executor wanted = null;
    lock.lock();
    try {
      if (confirmAnswers.size() < config.queuedMessages()) {
        confirmAnswers.add(answer);
        wanted = urge();
      }
    } finally {
      lock.unlock();
    }
    startOn(wanted);
  }

  /** Sends heartbeats and bounds that no message took along. */
  void flushIdle() {
    Executor wanted = null;
    lock.lock();
    try {
      if (!pulses.isEmpty() || !bounds.isEmpty()) {
        wanted = urge();
      }
    } finally {
      lock.unlock();
    }
    startOn(wanted);
  }

  /** Sends what there is, questions of the passenger included, as soon as the stream takes it. */
  void flush() {
    Executor wanted = null;
    lock.lock();
    try {
      wanted = urge();
    } finally {
      lock.unlock();
    }
    startOn(wanted);
  }

  /**
   * Begins to send.
   *
   * @param loop where to drain; null for a shared thread
   */
  void attach(Stream open, @Nullable Executor loop) {
    Executor wanted = null;
    lock.lock();
    try {
      stream = open;
      drainer = loop == null ? executor : loop;
      wanted = urge();
    } finally {
      lock.unlock();
    }
    startOn(wanted);
  }

  /** Forgets the stream and all that waits. */
  void detach() {
    lock.lock();
    try {
      stream = null;
      messages.clear();
      confirmAnswers.clear();
      pulses = new ArrayList<>();
      pulseAnswers = new ArrayList<>();
      bounds = new ArrayList<>();
      words.clear();
      bytes = 0;
    } finally {
      lock.unlock();
    }
  }

  /** Under the lock; answers where a drain is to be started, by the caller and without the lock. */
  private @Nullable Executor urge() {
    urgent = true;
    if (draining || stream == null || !stream.isReady()) {
      return null;
    }
    draining = true;
    return drainer;
  }

  private void startOn(@Nullable Executor wanted) {
    if (wanted != null) {
      try {
        wanted.execute(drain);
      } catch (RejectedExecutionException loopEnded) {
        // And the connection with it; its own callback detaches it.
        stopDraining();
      }
    }
  }

  private void drain() {
    while (true) {
      Stream to;
      RaftFrame frame;
      lock.lock();
      try {
        to = stream;
        frame = to != null && urgent && to.isReady() ? next() : null;
        if (to == null || frame == null) {
          draining = false;
          return;
        }
      } finally {
        lock.unlock();
      }
      try {
        to.send(frame);
      } catch (RuntimeException ended) {
        // The stream ended under us; its own callback fails the calls and detaches it.
        stopDraining();
        return;
      }
    }
  }

  private void stopDraining() {
    lock.lock();
    try {
      draining = false;
    } finally {
      lock.unlock();
    }
  }

  private @Nullable RaftFrame next() {
    RaftFrame.Builder frame = RaftFrame.newBuilder();
    boolean any = passenger.board(frame);
    int size = 0;
    while (!messages.isEmpty() && size < config.frameBytes()) {
      RaftMessage message = messages.remove();
      size += message.getPayload().size();
      frame.addMessages(message);
    }
    bytes -= size;
    any |= frame.getMessagesCount() > 0;
    if (!confirmAnswers.isEmpty()) {
      frame.setConfirmAnswer(confirmAnswers.remove());
      any = true;
    }
    if (!pulses.isEmpty()) {
      frame.addAllPulses(pulses);
      pulses.clear();
      any = true;
    }
    if (!pulseAnswers.isEmpty()) {
      frame.addAllPulseAnswers(pulseAnswers);
      pulseAnswers.clear();
      any = true;
    }
    if (!bounds.isEmpty()) {
      frame.addAllTruncationBounds(bounds);
      bounds.clear();
      any = true;
    }
    if (!words.isEmpty()) {
      frame.addAllWords(words);
      words.clear();
      any = true;
    }
    urgent = any;
    return any ? frame.build() : null;
  }
}
