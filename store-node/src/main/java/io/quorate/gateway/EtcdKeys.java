package io.quorate.gateway;

import com.google.protobuf.ByteString;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;

/** How etcd's clients name keys: {@code key} and {@code range_end} (etcd rpc.proto, RangeRequest). Stateless. */
final class EtcdKeys {
  /** As an end: no end. As a start: the smallest key there is, since no key is empty. */
  private static final ByteString ZERO = ByteString.copyFrom(new byte[] {0});

  private EtcdKeys() {}

  /**
   * The keys that are meant.
   *
   * @param key first one, not empty
   * @param rangeEnd empty: just the key; a zero byte: all from the key on; else the first key that is not meant
   */
  static KeyRange range(ByteString key, ByteString rangeEnd) {
    if (rangeEnd.isEmpty()) {
      return KeyRange.single(Bytes.of(key));
    }
    return KeyRange.of(Bytes.of(key), rangeEnd.equals(ZERO) ? Bytes.EMPTY : Bytes.of(rangeEnd));
  }
}
