package io.quorate.cli;

/** What the command's exit status tells a script. */
final class ExitCode {
  static final int OK = 0;

  /** Done, and the answer is no: the key is not there, nothing was deleted, the transaction's conditions did not hold. */
  static final int NO = 1;

  /** The command line makes no sense. */
  static final int USAGE = 2;

  /** The cluster could not be reached, or did not answer in time. Nothing was written. */
  static final int UNAVAILABLE = 3;

  /** The cluster refused the request. Nothing was written. */
  static final int REFUSED = 4;

  /** A write was sent and its outcome is not known. */
  static final int UNKNOWN = 5;

  /** A process could not start: data directory, port, identity. */
  static final int NOT_STARTED = 6;

  static final String[] HELP = {
    "0:done",
    "1:the answer is no (key not there, conditions of the transaction not met, cluster not running)",
    "2:the command line makes no sense",
    "3:the cluster could not be reached or did not answer in time; nothing was written",
    "4:the cluster refused; nothing was written",
    "5:a write was sent and its outcome is not known",
    "6:a process could not start (data directory, port, identity)"
  };

  private ExitCode() {}
}
