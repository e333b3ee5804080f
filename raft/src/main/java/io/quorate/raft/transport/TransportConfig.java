package io.quorate.raft.transport;

import java.time.Duration;

/**
 * The bounds of the transport.
 *
 * @param frameBytes a frame takes no further message beyond this size; 16 KiB to 16 MiB
 * @param queuedBytes messages waiting for one stream, beyond which calls fail at once
 * @param queuedMessages likewise, counted
 * @param callsPerStore requests without answer to one store, beyond which calls fail at once
 * @param tick how often timeouts are looked at and heartbeats sent that no other message took along; 1 to 100 ms
 * @param firstReconnect pause after the second failed connect; the first retry is immediate
 * @param lastReconnect the pause doubles up to this
 * @param silence a stream that owes answers and brought nothing for so long is given up
 * @param earlyVotes asks for votes kept, over all groups, that came before the replica they are for; more are refused
 * @param earlyVotePatience how long such an ask is kept; a candidate asks again after an election timeout
 */
public record TransportConfig(
    int frameBytes,
    long queuedBytes,
    int queuedMessages,
    int callsPerStore,
    Duration tick,
    Duration firstReconnect,
    Duration lastReconnect,
    Duration silence,
    int earlyVotes,
    Duration earlyVotePatience) {
  public TransportConfig {
    if (frameBytes < 16 << 10 || frameBytes > 16 << 20) {
      throw new IllegalArgumentException("frameBytes must be 16 KiB to 16 MiB: " + frameBytes);
    }
    if (queuedBytes < frameBytes || queuedMessages < 1 || callsPerStore < 1) {
      throw new IllegalArgumentException("transport queues are too small: " + queuedBytes
          + " bytes, " + queuedMessages + " messages, " + callsPerStore + " calls");
    }
    if (tick.toMillis() < 1 || tick.toMillis() > 100) {
      throw new IllegalArgumentException("tick must be 1 to 100 ms: " + tick);
    }
    if (earlyVotes < 0 || earlyVotePatience.isNegative()) {
      throw new IllegalArgumentException(
          "early votes cannot be " + earlyVotes + " for " + earlyVotePatience);
    }
    if (firstReconnect.toMillis() < 1 || lastReconnect.compareTo(firstReconnect) < 0) {
      throw new IllegalArgumentException(
          "reconnect pauses out of order: " + firstReconnect + " to " + lastReconnect);
    }
  }

  public static TransportConfig defaults() {
    return new TransportConfig(
        1 << 20,
        64L << 20,
        65_536,
        65_536,
        Duration.ofMillis(10),
        Duration.ofMillis(50),
        Duration.ofSeconds(1),
        Duration.ofSeconds(5),
        4_096,
        Duration.ofMillis(500));
  }

  public TransportConfig withQueued(long bytes, int messages) {
    return new TransportConfig(
        frameBytes,
        bytes,
        messages,
        callsPerStore,
        tick,
        firstReconnect,
        lastReconnect,
        silence,
        earlyVotes,
        earlyVotePatience);
  }

  public TransportConfig withFrameBytes(int bytes) {
    return new TransportConfig(
        bytes,
        queuedBytes,
        queuedMessages,
        callsPerStore,
        tick,
        firstReconnect,
        lastReconnect,
        silence,
        earlyVotes,
        earlyVotePatience);
  }
}
