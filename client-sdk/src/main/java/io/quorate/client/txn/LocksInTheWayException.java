package io.quorate.client.txn;

import java.util.List;

/** A read that gives way met locks. Never leaves this package but for who makes it. */
public final class LocksInTheWayException extends RuntimeException {
  private final transient List<ForeignLock> locks;

  public LocksInTheWayException(List<ForeignLock> locks) {
    super(locks.size() + " locks stand in the way", null, false, false);
    this.locks = List.copyOf(locks);
  }

  List<ForeignLock> locks() {
    return locks;
  }
}
