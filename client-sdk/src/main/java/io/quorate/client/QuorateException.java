package io.quorate.client;

import org.jspecify.annotations.Nullable;

/**
 * Why a request was not done as asked. The subclass says what may be concluded: {@link
 * RefusedException} and {@link UnavailableException} mean that nothing happened, {@link
 * OutcomeUnknownException} that it may have, {@link ClientClosedException} that this client is gone.
 */
public abstract sealed class QuorateException extends RuntimeException
    permits RefusedException, OutcomeUnknownException, UnavailableException, ClientClosedException {
  QuorateException(@Nullable String message) {
    super(message, null, true, /* writableStackTrace= */ false);
  }

  QuorateException(QuorateException original) {
    super(original.getMessage(), original, true, true);
  }

  /** The same with the stack of the thread that waited for it. */
  abstract QuorateException rethrown();
}
