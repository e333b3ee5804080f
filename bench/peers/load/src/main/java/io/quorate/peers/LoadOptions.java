package io.quorate.peers;

import java.util.List;
import picocli.CommandLine.Option;

/** The options of a load that do not depend on the peer. */
public final class LoadOptions {
  /** What is done to the keys. */
  public enum Operation {
    /** Write each key once, in order. */
    LOAD,
    /** Write random keys. */
    PUT,
    /** Read random keys, linearizably. */
    GET,
    /** Write random keys; each is done when a watch of all of them has told of it. */
    WATCH
  }

  /** How a client waits for its operation. */
  public enum Mode {
    /** It goes on in the thread that completes the operation. */
    ASYNC,
    /** It is a thread that blocks. */
    THREADS
  }

  @Option(names = "--op", required = true, description = "one of ${COMPLETION-CANDIDATES}")
  Operation operation;

  @Option(
      names = "--clients",
      defaultValue = "64",
      description = "operations in flight (${DEFAULT-VALUE})")
  int clients;

  @Option(
      names = "--mode",
      defaultValue = "ASYNC",
      description = "one of ${COMPLETION-CANDIDATES} (${DEFAULT-VALUE})")
  Mode mode;

  @Option(
      names = "--seconds",
      defaultValue = "10",
      description = "time measured (${DEFAULT-VALUE})")
  int seconds;

  @Option(
      names = "--warmup",
      defaultValue = "5",
      description = "seconds before it (${DEFAULT-VALUE})")
  int warmupSeconds;

  @Option(
      names = "--keys",
      defaultValue = "100000",
      description = "keys, uniform (${DEFAULT-VALUE})")
  int keys;

  @Option(
      names = "--value-bytes",
      defaultValue = "256",
      description = "value size (${DEFAULT-VALUE})")
  int valueBytes;

  @Option(
      names = "--pids",
      split = ",",
      description = "server processes whose CPU and memory to report")
  List<Long> pids = List.of();

  @Option(
      names = "--seed",
      defaultValue = "1",
      description = "of the choice of keys (${DEFAULT-VALUE})")
  long seed;

  @Option(
      names = "--ready-seconds",
      defaultValue = "60",
      description = "wait at most so long for the servers (${DEFAULT-VALUE})")
  int readySeconds;

  @Option(
      names = "--max-errors",
      defaultValue = "1000",
      description = "give up after so many (${DEFAULT-VALUE})")
  int maxErrors;

  /** Whether operations are done when a watch has told of them. */
  public boolean watches() {
    return operation == Operation.WATCH;
  }

  /** How many keys the run uses. */
  public int keys() {
    return keys;
  }

  /** How many operations are in flight. */
  public int clients() {
    return clients;
  }
}
