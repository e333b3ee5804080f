package io.quorate.client.transport;

import java.time.Duration;
import java.util.Optional;

/**
 * Limits and security of all channels of one factory.
 *
 * @param ioThreads event loops, 1 to 64; each connection lives on one of them
 * @param maxMessageBytes largest message that is accepted from the other side
 * @param keepAlive silence after which a connection with open streams is probed; zero: never. The
 *     server must permit it
 * @param tls absent: plain text
 */
public record TransportConfig(
    int ioThreads, int maxMessageBytes, Duration keepAlive, Optional<TlsConfig> tls) {
  private static final int IO_THREADS_MAX = 64;
  private static final int MESSAGE_BYTES_DEFAULT = 64 << 20;

  public TransportConfig {
    if (ioThreads < 1 || ioThreads > IO_THREADS_MAX) {
      throw new IllegalArgumentException("ioThreads must be 1 to 64, not " + ioThreads);
    }
    if (maxMessageBytes < 1 << 20) {
      throw new IllegalArgumentException("maxMessageBytes must be 1 MiB or more");
    }
  }

  /** Plain text, one event loop per four processors, no probes. */
  public static TransportConfig defaults() {
    int loops = Math.max(1, Math.min(4, Runtime.getRuntime().availableProcessors() / 4));
    return new TransportConfig(loops, MESSAGE_BYTES_DEFAULT, Duration.ZERO, Optional.empty());
  }

  public TransportConfig withIoThreads(int threads) {
    return new TransportConfig(threads, maxMessageBytes, keepAlive, tls);
  }

  public TransportConfig withKeepAlive(Duration silence) {
    return new TransportConfig(ioThreads, maxMessageBytes, silence, tls);
  }

  public TransportConfig withTls(TlsConfig config) {
    return new TransportConfig(ioThreads, maxMessageBytes, keepAlive, Optional.of(config));
  }
}
