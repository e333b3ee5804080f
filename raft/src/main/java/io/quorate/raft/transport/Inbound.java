package io.quorate.raft.transport;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.quorate.proto.GroupTerm;
import io.quorate.proto.Pulse;
import io.quorate.proto.PulseAnswer;
import io.quorate.proto.RaftMessage;
import io.quorate.proto.SnapshotFetch;
import io.quorate.proto.TruncationBound;
import java.util.List;

/**
 * What the transport brings to the host. Called on the streams' threads, in the order of one stream; must neither block nor
 * do more than a few look-ups.
 */
public interface Inbound {
  /** A request of one group; answered once, on any thread. */
  void request(long fromStore, RaftMessage request, Answers answers);

  /** Heartbeats of many groups; the list holds at least one. */
  void pulses(long fromStore, List<Pulse> pulses, Answers answers);

  /** Whether this store may not confirm the leader of that term: it promised a later one, or does not know the replica. */
  boolean refuses(GroupTerm asked);

  /** Up to where logs may be cut, as leaders on that store know. */
  void truncationBounds(long fromStore, List<TruncationBound> bounds);

  /** The owner of that store's groups says something to the owner of these. */
  default void word(long fromStore, ByteString word) {}

  /** A store fetches a snapshot; handed on to a thread that may wait. */
  default void snapshot(SnapshotFetch asked, SnapshotOutput out) {
    out.refuse("no snapshots here");
  }

  /** A connect to the store failed just now. */
  void unreachable(long store);

  /** Takes answers back to where the requests came from; dropped silently if that stream has ended. */
  interface Answers {
    void answer(long callId, Message answer);

    void refuse(long callId, String why);

    void pulses(List<PulseAnswer> answers);
  }
}
