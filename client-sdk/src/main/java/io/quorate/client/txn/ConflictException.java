package io.quorate.client.txn;

import io.quorate.client.txn.CommitStep.Conflict;

/** An attempt was not done because of others; the next one may be. Never leaves this package. */
final class ConflictException extends RuntimeException {
  private final transient Conflict conflict;

  ConflictException(Conflict conflict) {
    super(conflict.why(), null, false, false);
    this.conflict = conflict;
  }

  Conflict conflict() {
    return conflict;
  }
}
