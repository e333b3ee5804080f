package io.quorate.store;

import java.util.concurrent.atomic.AtomicLong;

/** Bytes of requests in work on one store. Owner: {@link ExchangeService}. Thread-safe. */
final class QueuedBytes {
  private final long limit;
  private final AtomicLong used = new AtomicLong();

  QueuedBytes(long limit) {
    this.limit = limit;
  }

  /** Counts the bytes unless the limit is reached; one request may cross it. */
  boolean take(long bytes) {
    if (used.get() >= limit) {
      return false;
    }
    used.addAndGet(bytes);
    return true;
  }

  void give(long bytes) {
    used.addAndGet(-bytes);
  }

  long used() {
    return used.get();
  }
}
