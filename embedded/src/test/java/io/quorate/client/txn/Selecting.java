package io.quorate.client.txn;

import io.quorate.client.KeyValue;
import io.quorate.client.RangeOptions;
import io.quorate.client.RangeResult;
import java.util.List;

/** What a client makes of all keys of a range, for tests that read them whole. Stateless. */
public final class Selecting {
  private Selecting() {}

  public static RangeResult of(List<KeyValue> all, RangeOptions options, long revision) {
    return RangeSelection.of(all, options, revision);
  }
}
