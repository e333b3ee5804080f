package io.quorate.client.lease;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.nio.ByteBuffer;

/** Where leases are at home: by their id as eight bytes. Stateless. */
final class LeaseKeys {
  /** All leases there can be. */
  static final KeyRange ALL = KeyRange.ALL;

  private LeaseKeys() {}

  static Bytes of(long id) {
    return Bytes.wrap(ByteBuffer.allocate(Long.BYTES).putLong(id).array());
  }
}
