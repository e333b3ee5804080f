package io.quorate.client;

import io.quorate.proto.Refusal;
import io.quorate.proto.RefusalCode;

/** The data or a limit refuses the request: nothing was applied, repeating it will not help. */
public final class RefusedException extends QuorateException {
  private final RefusalCode code;
  private final long compacted;

  RefusedException(RefusalCode code, String message) {
    this(code, message, 0);
  }

  RefusedException(RefusalCode code, String message, long compacted) {
    super(message);
    this.code = code;
    this.compacted = compacted;
  }

  private RefusedException(RefusedException original) {
    super(original);
    this.code = original.code;
    this.compacted = original.compacted;
  }

  /** There is no such lease; the text is etcd's. */
  public static RefusedException leaseNotFound() {
    return new RefusedException(
        RefusalCode.LEASE_NOT_FOUND, "etcdserver: requested lease not found");
  }

  /** Of what a store answered. */
  public static RefusedException of(Refusal refusal) {
    String message =
        refusal.getMessage().isEmpty() ? refusal.getCode().name() : refusal.getMessage();
    return new RefusedException(refusal.getCode(), message, refusal.getCompacted());
  }

  /** What was wrong. */
  public RefusalCode code() {
    return code;
  }

  /** With {@code COMPACTED}: the oldest revision that can still be read; else 0. */
  public long compacted() {
    return compacted;
  }

  @Override
  RefusedException rethrown() {
    return new RefusedException(this);
  }
}
