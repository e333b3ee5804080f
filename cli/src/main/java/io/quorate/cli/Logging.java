package io.quorate.cli;

import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;

/** How much is logged, to stderr: processes tell what they do, client commands only what went wrong. */
final class Logging {
  /** Read by logback.xml. */
  private static final String LEVEL = "quorate.log";

  private static final Set<String> PROCESSES = Set.of("dev", "run");

  /** Held, or its level would be forgotten. Warns once per class of jraft's generated messages, which cannot be helped. */
  private static final Logger PROTOBUF = Logger.getLogger("com.google.protobuf.GeneratedMessage");

  /** At INFO it tells of each connection that breaks off, with a stack. */
  private static final Logger CONNECTIONS = Logger.getLogger("io.grpc.netty");

  /** Tells of whatever a service throws, and of bytes that are no message: those are their sender's matter, who is told. */
  private static final Logger CALLS =
      Logger.getLogger("io.grpc.internal.SerializeReentrantCallsDirectExecutor");

  private Logging() {}

  /** Must be called before the first logger is made. */
  static void configure(List<String> arguments) {
    PROTOBUF.setLevel(Level.SEVERE);
    CONNECTIONS.setLevel(Level.WARNING);
    CALLS.setFilter(record -> !(record.getThrown() instanceof StatusRuntimeException));
    String wanted = System.getenv("QUORATE_LOG");
    if (wanted != null && !wanted.isBlank()) {
      System.setProperty(LEVEL, wanted);
    } else if (System.getProperty(LEVEL) == null) {
      boolean process = arguments.stream().limit(2).anyMatch(PROCESSES::contains);
      System.setProperty(LEVEL, process ? "INFO" : "ERROR");
    }
  }
}
