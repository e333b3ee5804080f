package io.quorate.client.store;

import io.quorate.client.retry.Failure;
import io.quorate.proto.Request;
import io.quorate.proto.Response;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way through a {@link StoreConnection}. From {@code submit} until {@link
 * #answered} or {@link #failed}, exactly one of which is called once per submission, it belongs to
 * the connection, whose loop calls all of its methods; afterwards it may be submitted again.
 */
public abstract class StoreCall {
  @Nullable
  StoreCall next;

  long requestId;
  long attemptDeadlineNanos;

  /** When the connection gives this attempt up, on {@code System.nanoTime}'s scale. */
  protected final void setAttemptDeadlineNanos(long nanos) {
    attemptDeadlineNanos = nanos;
  }

  protected final long attemptDeadlineNanos() {
    return attemptDeadlineNanos;
  }

  /** The message, written when the request leaves. */
  protected abstract Request.Builder request(long nowNanos);

  /** About how many bytes the message has. */
  protected abstract int sizeBytes();

  /** The store answered. */
  protected abstract void answered(Response response, Deliveries deliveries);

  /** There will be no answer to this attempt. */
  protected abstract void failed(Failure failure, Deliveries deliveries);
}
