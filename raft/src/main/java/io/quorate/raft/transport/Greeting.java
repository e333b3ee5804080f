package io.quorate.raft.transport;

import io.quorate.model.Protocol;
import io.quorate.proto.Envelope;
import io.quorate.proto.RaftFrame;
import java.util.Optional;

/** The first frame of a stream, in both directions, and what the receiver makes of it. */
final class Greeting {
  private Greeting() {}

  /**
   * @param incarnation of that store, as far as it is known, or 0
   */
  static RaftFrame to(long store, long incarnation, StoreIdentity self) {
    return RaftFrame.newBuilder()
        .setEnvelope(Envelope.newBuilder()
            .setClusterId(self.clusterId())
            .setProtocolVersion(Protocol.VERSION)
            .setFromStore(self.storeId())
            .setFromIncarnation(self.incarnation())
            .setToStore(store)
            .setToIncarnation(incarnation))
        .build();
  }

  /**
   * Why the stream must not be used, if so. A store's id belongs to one data directory for ever: whoever comes with the id and
   * another incarnation is a copy, or what a wiped disk left behind, and has not promised what the store has.
   *
   * @param expectedStore 0 if anybody may call
   * @param others what is known of who they are
   */
  static Optional<String> mismatch(
      RaftFrame first, StoreIdentity self, long expectedStore, PeerAddresses others) {
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
    return strangers(envelope, self, others);
  }

  private static Optional<String> strangers(
      Envelope envelope, StoreIdentity self, PeerAddresses others) {
    long meant = envelope.getToIncarnation();
    if (meant != 0 && self.incarnation() != 0 && meant != self.incarnation()) {
      return Optional.of("meant for another incarnation of store " + self.storeId());
    }
    long known = others.incarnation(envelope.getFromStore());
    if (known != 0 && known != envelope.getFromIncarnation()) {
      return Optional.of("store " + envelope.getFromStore()
          + " is known as another incarnation: a wiped disk is a new store, start it with an empty data"
          + " directory");
    }
    return Optional.empty();
  }
}
