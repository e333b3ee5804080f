package io.quorate.client.backup;

/** A backup cannot be taken or put back; the message says why and what to do, in one line. */
public final class BackupException extends RuntimeException {
  public BackupException(String message) {
    super(message);
  }

  public BackupException(String message, Throwable cause) {
    super(message, cause);
  }
}
