package io.quorate.store;

import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.ServerCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.util.MutableHandlerRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * One listening port of a store. It is bound before the store joins, so that its address can be announced, and gets its
 * services afterwards; calls that come between are answered UNIMPLEMENTED, and repeated by their callers.
 *
 * <p>Owner: {@link StoreNode}. Thread: calls run on the transport's event loops (direct executor): no service may block.
 */
final class ListenerHost implements AutoCloseable {
  private static final int FLOW_CONTROL_BYTES = 8 << 20;
  private static final int KEEP_ALIVE_SECONDS_MIN = 1;

  private final MutableHandlerRegistry services = new MutableHandlerRegistry();
  private final Server server;

  private ListenerHost(NettyServerBuilder builder) {
    this.server = builder.fallbackHandlerRegistry(services).build();
  }

  /**
   * Binds the port.
   *
   * @param option the option that names the address, for the error
   * @throws StoreStartException if it cannot be bound
   */
  static ListenerHost bind(
      ListenAddress address, String option, ServerCredentials credentials, int messageBytesMax) {
    ListenerHost listener =
        new ListenerHost(NettyServerBuilder.forAddress(address.toSocketAddress(), credentials)
            .directExecutor()
            .flowControlWindow(FLOW_CONTROL_BYTES)
            .maxInboundMessageSize(messageBytesMax)
            .permitKeepAliveTime(KEEP_ALIVE_SECONDS_MIN, TimeUnit.SECONDS)
            .permitKeepAliveWithoutCalls(true));
    try {
      listener.server.start();
    } catch (IOException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new StoreStartException("cannot listen on " + address + " (" + cause.getMessage()
          + "): stop what uses the port, or choose another " + option);
    }
    return listener;
  }

  int port() {
    return server.getPort();
  }

  void serve(BindableService service) {
    services.addService(service);
  }

  /** Lets calls end by themselves for so long, then cuts them. */
  void close(Duration grace) {
    server.shutdown();
    try {
      if (!server.awaitTermination(grace.toMillis(), TimeUnit.MILLISECONDS)) {
        server.shutdownNow().awaitTermination(1, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      server.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    close(Duration.ZERO);
  }
}
