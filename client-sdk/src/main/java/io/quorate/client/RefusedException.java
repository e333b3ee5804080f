package io.quorate.client;

import io.quorate.proto.Refusal;
import io.quorate.proto.RefusalCode;

/** The data or a limit refuses the request: nothing was applied, repeating it will not help. */
public final class RefusedException extends QuorateException {
  private final transient Refusal refusal;

  RefusedException(RefusalCode code, String message) {
    this(code, message, 0);
  }

  RefusedException(RefusalCode code, String message, long compacted) {
    this(
        message,
        Refusal.newBuilder()
            .setCode(code)
            .setMessage(message)
            .setCompacted(compacted)
            .build());
  }

  private RefusedException(String message, Refusal refusal) {
    super(message);
    this.refusal = refusal;
  }

  private RefusedException(RefusedException original) {
    super(original);
    this.refusal = original.refusal;
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
    return new RefusedException(message, refusal);
  }

  /** What was wrong. */
  public RefusalCode code() {
    return refusal.getCode();
  }

  /** With {@code COMPACTED}: the oldest revision that can still be read; else 0. */
  public long compacted() {
    return refusal.getCompacted();
  }

  /** All that the store said. */
  Refusal refusal() {
    return refusal;
  }

  @Override
  RefusedException rethrown() {
    return new RefusedException(this);
  }
}
