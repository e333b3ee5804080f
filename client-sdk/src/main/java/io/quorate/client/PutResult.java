package io.quorate.client;

import io.quorate.proto.PutResponse;
import java.util.Optional;

/**
 * A put was done.
 *
 * @param revision it got
 * @param previous what it replaced, if that was asked for and existed
 */
public record PutResult(long revision, Optional<KeyValue> previous) implements OpResult {
  static PutResult of(long revision, PutResponse message) {
    return new PutResult(
        revision,
        message.hasPrevious() ? Optional.of(KeyValue.of(message.getPrevious())) : Optional.empty());
  }
}
