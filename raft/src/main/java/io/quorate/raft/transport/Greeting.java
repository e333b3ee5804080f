package io.quorate.raft.transport;

import io.quorate.model.Protocol;
import io.quorate.proto.Envelope;
import io.quorate.proto.RaftFrame;
import java.util.Optional;

/** The first frame of a stream, in both directions, and what the receiver makes of it. */
final class Greeting {
  private Greeting() {}

  static RaftFrame to(long store, StoreIdentity self) {
    return RaftFrame.newBuilder()
        .setEnvelope(Envelope.newBuilder()
            .setClusterId(self.clusterId())
            .setProtocolVersion(Protocol.VERSION)
            .setFromStore(self.storeId())
            .setFromIncarnation(self.incarnation())
            .setToStore(store))
        .build();
  }

  /** Why the stream must not be used, if so. */
  static Optional<String> mismatch(RaftFrame first, StoreIdentity self, long expectedStore) {
    Envelope envelope = first.getEnvelope();
    if (!first.hasEnvelope()) {
      return Optional.of("the stream does not begin with a greeting");
    }
    if (envelope.getProtocolVersion() > Protocol.VERSION) {
      return Optional.of("protocol version " + envelope.getProtocolVersion()
          + " is newer than this build's " + Protocol.VERSION);
    }
    if (envelope.getClusterId() != self.clusterId()) {
      return Optional.of("cluster id is " + Long.toHexString(envelope.getClusterId())
          + " there and " + Long.toHexString(self.clusterId()) + " here");
    }
    if (envelope.getToStore() != self.storeId()) {
      return Optional.of(
          "meant for store " + envelope.getToStore() + ", this is store " + self.storeId());
    }
    if (expectedStore != 0 && envelope.getFromStore() != expectedStore) {
      return Optional.of(
          "this is store " + envelope.getFromStore() + ", expected " + expectedStore);
    }
    return Optional.empty();
  }
}
