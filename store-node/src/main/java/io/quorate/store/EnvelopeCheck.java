package io.quorate.store;

import io.quorate.model.Protocol;
import io.quorate.model.RegionError.Misdirected;
import io.quorate.proto.Envelope;
import java.util.Optional;

/**
 * Whether a message was meant for this process. Pure.
 *
 * @param identity who this process is
 */
record EnvelopeCheck(StoreIdentity identity) {

  /** Empty if the message may be looked at; else what is wrong with it. */
  Optional<Misdirected> refuse(Envelope envelope) {
    if (envelope.getProtocolVersion() == 0) {
      return misdirected("the message has no envelope");
    }
    if (envelope.getProtocolVersion() > Protocol.VERSION) {
      return misdirected("protocol version " + envelope.getProtocolVersion()
          + " is not known here, only " + Protocol.VERSION + ": upgrade store " + identity.store());
    }
    if (envelope.getClusterId() != identity.clusterId()) {
      return misdirected("store " + identity.store() + " is of cluster " + hex(identity.clusterId())
          + ", the message is for cluster " + hex(envelope.getClusterId()));
    }
    if (envelope.getToStore() != 0 && envelope.getToStore() != identity.store().value()) {
      return misdirected("this is store " + identity.store() + ", the message is for store "
          + envelope.getToStore());
    }
    if (envelope.getToIncarnation() != 0 && envelope.getToIncarnation() != identity.incarnation()) {
      return misdirected(
          "store " + identity.store() + " is another incarnation than the message is for");
    }
    return Optional.empty();
  }

  private static Optional<Misdirected> misdirected(String message) {
    return Optional.of(new Misdirected(message));
  }

  static String hex(long clusterId) {
    return String.format("%016x", clusterId);
  }
}
