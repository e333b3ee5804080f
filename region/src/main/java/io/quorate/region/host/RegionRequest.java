package io.quorate.region.host;

import io.quorate.proto.Request;
import io.quorate.region.command.WriteName;

/**
 * A request as it reached the store, with what its envelope says of the asker.
 *
 * @param message the request; its {@code timeout_ms} counts from now, 0 means the store's default
 * @param user who asks; empty if nobody logged in
 * @param authRevision the asker's view of users and roles; 0 if none
 * @param clientId drawn by the client process; with the message's sequence it names a write
 */
public record RegionRequest(Request message, String user, long authRevision, long clientId) {
  /** By which name the write may be asked for again. */
  WriteName name() {
    return message.hasNewestKnown() && clientId != 0 && message.getSequence() != 0
        ? new WriteName(
            clientId,
            message.getSequence(),
            Math.max(0, message.getNewestKnown()),
            message.getRepeated())
        : WriteName.NONE;
  }
}
