package io.quorate.cli.soak;

import io.quorate.model.Bytes;
import java.nio.ByteBuffer;
import java.util.Random;

/** Ids of leases, and where their homes are. Pure but for the random numbers. */
final class LeaseIds {
  private LeaseIds() {}

  /** As which key a lease's home is routed to. */
  static Bytes home(long lease) {
    return Bytes.wrap(ByteBuffer.allocate(Long.BYTES).putLong(lease).array());
  }

  /** An id whose home lies among the load's keys, so that splits and moves of these are its own. */
  static long among(LoadKeys keys, Random random) {
    byte first = keys.bytes(random.nextInt(keys.count())).toByteArray()[0];
    ByteBuffer id = ByteBuffer.allocate(Long.BYTES);
    byte[] rest = new byte[Long.BYTES];
    random.nextBytes(rest);
    rest[0] = first;
    return id.put(rest).getLong(0);
  }
}
