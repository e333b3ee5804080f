package io.quorate.client;

import io.quorate.proto.RangeResponse;
import java.util.List;

/**
 * Keys of a range as they stood at one revision.
 *
 * @param revision everything up to it is in, nothing after it
 * @param kvs in the order asked for
 * @param more the limit, or the size of a page, cut the answer
 * @param count keys in the whole range, whatever the limit and filters; 0 where it was not asked for
 */
public record RangeResult(long revision, List<KeyValue> kvs, boolean more, long count)
    implements OpResult {
  public RangeResult {
    kvs = List.copyOf(kvs);
  }

  static RangeResult of(long revision, RangeResponse message) {
    return new RangeResult(
        revision,
        message.getKvsList().stream().map(KeyValue::of).toList(),
        message.getMore(),
        message.getCount());
  }
}
