package io.quorate.client.retry;

import io.quorate.model.RegionError;

/** Why an attempt did not succeed. */
public sealed interface Failure {
  /** One line for people. */
  String message();

  /** Whether a write that failed so may still take effect. */
  boolean mayHaveHappened();

  /** The store answered that it is not now or not here. */
  record Answered(RegionError error) implements Failure {
    @Override
    public String message() {
      return error.getClass().getSimpleName() + ": " + error.message();
    }

    @Override
    public boolean mayHaveHappened() {
      return error.mayHaveHappened();
    }
  }

  /**
   * The connection broke or could not be made.
   *
   * @param sent whether the request had left this process
   */
  record Broken(boolean sent, String message) implements Failure {
    @Override
    public boolean mayHaveHappened() {
      return sent;
    }
  }

  /** The store was silent for too long. */
  record TimedOut(boolean sent, String message) implements Failure {
    @Override
    public boolean mayHaveHappened() {
      return sent;
    }
  }

  /** Nobody could say which store to ask. */
  record NoRoute(String message) implements Failure {
    @Override
    public boolean mayHaveHappened() {
      return false;
    }
  }

  /** A limit of this client is reached. */
  record Overloaded(String message) implements Failure {
    @Override
    public boolean mayHaveHappened() {
      return false;
    }
  }

  /** The client was closed under the request. */
  record Closed(boolean sent, String message) implements Failure {
    @Override
    public boolean mayHaveHappened() {
      return sent;
    }
  }
}
