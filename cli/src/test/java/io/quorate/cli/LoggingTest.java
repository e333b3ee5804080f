package io.quorate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import java.util.List;
import java.util.Objects;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

class LoggingTest {
  private static boolean isTold(Logger of, Throwable thrown) {
    LogRecord told = new LogRecord(Level.SEVERE, "Exception while executing runnable");
    told.setThrown(thrown);
    return Objects.requireNonNull(of.getFilter()).isLoggable(told);
  }

  /** Anybody can send them, as many as he likes. */
  @Test
  void bytesThatAreNoMessageFillNoLog() {
    Logging.configure(List.of());
    Logger calls = Logger.getLogger("io.grpc.internal.SerializeReentrantCallsDirectExecutor");
    assertThat(isTold(calls, Status.INTERNAL.asRuntimeException())).isFalse();
    assertThat(isTold(calls, new IllegalStateException("a mistake in a service")))
        .isTrue();
    assertThat(Logger.getLogger("io.grpc.netty.shaded.io.grpc.netty.NettyServerTransport")
            .isLoggable(Level.INFO))
        .isFalse();
  }
}
