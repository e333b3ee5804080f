package io.quorate.region.host;

import io.quorate.raft.LogException;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** What a failed future of the log means. Stateless. */
final class LogFailures {
  private LogFailures() {}

  /** Whether something failed of which it is not known whether it comes yet. */
  static boolean isUnknown(@Nullable Throwable failure) {
    return failure != null && unwrap(failure).kind() == LogException.Kind.INDETERMINATE;
  }

  /** The log's own words; of anything else the outcome is not known. */
  static LogException unwrap(@Nullable Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    return cause instanceof LogException known
        ? known
        : new LogException(LogException.Kind.INDETERMINATE, String.valueOf(cause));
  }
}
