package io.quorate.client;

import io.quorate.proto.DeleteRangeResponse;
import java.util.List;

/**
 * A deletion was done.
 *
 * @param revision it got; if nothing was deleted, that of the state seen
 * @param deleted how many keys
 * @param previous what they held, in key order, if that was asked for
 */
public record DeleteResult(long revision, long deleted, List<KeyValue> previous)
    implements OpResult {
  public DeleteResult {
    previous = List.copyOf(previous);
  }

  static DeleteResult of(long revision, DeleteRangeResponse message) {
    return new DeleteResult(
        revision,
        message.getDeleted(),
        message.getPreviousList().stream().map(KeyValue::of).toList());
  }
}
