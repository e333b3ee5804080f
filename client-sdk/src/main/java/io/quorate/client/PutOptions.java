package io.quorate.client;

import java.time.Duration;
import java.util.Optional;

/**
 * How a key is put. Start from {@link #DEFAULT} and change what is needed.
 *
 * @param lease to attach; 0 detaches the one it had
 * @param previous whether to return what was replaced
 * @param ignoreValue keep the value there is; the key must exist and no value be given
 * @param ignoreLease keep the lease there is; the key must exist and no lease be given
 * @param timeout for the whole request; absent: the client's
 */
public record PutOptions(
    long lease,
    boolean previous,
    boolean ignoreValue,
    boolean ignoreLease,
    Optional<Duration> timeout) {
  public static final PutOptions DEFAULT = new PutOptions(0, false, false, false, Optional.empty());

  public PutOptions withLease(long id) {
    return new PutOptions(id, previous, ignoreValue, ignoreLease, timeout);
  }

  public PutOptions withPrevious() {
    return new PutOptions(lease, true, ignoreValue, ignoreLease, timeout);
  }

  public PutOptions ignoringValue() {
    return new PutOptions(lease, previous, true, ignoreLease, timeout);
  }

  public PutOptions ignoringLease() {
    return new PutOptions(lease, previous, ignoreValue, true, timeout);
  }

  public PutOptions withTimeout(Duration whole) {
    return new PutOptions(lease, previous, ignoreValue, ignoreLease, Optional.of(whole));
  }
}
