package io.quorate.cli;

import io.quorate.client.OutcomeUnknownException;
import io.quorate.client.QuorateException;
import io.quorate.client.RefusedException;
import io.quorate.client.backup.BackupException;
import io.quorate.client.placement.PlacementException;
import io.quorate.client.recipe.LostException;
import io.quorate.embedded.NotServingException;
import io.quorate.placement.node.PlacementStartException;
import io.quorate.proto.PlacementError;
import io.quorate.store.StoreStartException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletionException;

/**
 * What a command that failed tells, and how it exits. Pure.
 *
 * @param message one line
 * @param exitCode see {@link ExitCode}
 */
record Failure(String message, int exitCode) {
  static Failure of(Throwable thrown) {
    Throwable cause = thrown;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause instanceof CommandFailedException ended) {
      return ended.failure();
    }
    String message = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    if (cause instanceof IllegalArgumentException) {
      return new Failure(message, ExitCode.USAGE);
    }
    if (cause instanceof StoreStartException
        || cause instanceof PlacementStartException
        || cause instanceof NotServingException) {
      return new Failure(message, ExitCode.NOT_STARTED);
    }
    if (cause instanceof OutcomeUnknownException) {
      return new Failure(message, ExitCode.UNKNOWN);
    }
    if (cause instanceof RefusedException || cause instanceof BackupException) {
      return new Failure(message, ExitCode.REFUSED);
    }
    if (cause instanceof PlacementException pd
        && (pd.code() == PlacementError.Code.INVALID
            || pd.code() == PlacementError.Code.STALE
            || pd.code() == PlacementError.Code.COMPACTED
            || pd.code() == PlacementError.Code.FUTURE_REVISION
            || pd.code() == PlacementError.Code.UNKNOWN_STORE)) {
      return new Failure(message, ExitCode.REFUSED);
    }
    if (cause instanceof QuorateException || cause instanceof PlacementException) {
      return new Failure(message, ExitCode.UNAVAILABLE);
    }
    if (cause instanceof LostException) {
      return new Failure(message, ExitCode.NO);
    }
    if (cause instanceof UncheckedIOException) {
      return new Failure(message, ExitCode.NOT_STARTED);
    }
    return new Failure("unexpected: " + cause, ExitCode.NOT_STARTED);
  }
}
