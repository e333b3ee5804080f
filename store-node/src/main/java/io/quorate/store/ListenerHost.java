package io.quorate.store;

import io.grpc.BindableService;
import io.grpc.HandlerRegistry;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCredentials;
import io.grpc.ServerInterceptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.util.MutableHandlerRegistry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One listening port of a store. It is bound before the store joins, so that its address can be announced, and gets its
 * services afterwards; calls that come between are answered UNAVAILABLE, and repeated by their callers.
 *
 * <p>Owner: {@link StoreNode}. Thread: calls run on the transport's event loops (direct executor): no service may block.
 */
final class ListenerHost implements AutoCloseable {
  private static final int FLOW_CONTROL_BYTES = 8 << 20;
  private static final int KEEP_ALIVE_SECONDS_MIN = 1;

  private final LateServices services = new LateServices();
  private final Server server;
  private final List<Runnable> endings = new CopyOnWriteArrayList<>();

  private ListenerHost(NettyServerBuilder builder) {
    this.server = builder.fallbackHandlerRegistry(services).build();
  }

  /**
   * Binds the port.
   *
   * @param option the option that names the address, for the error
   * @param tracer hears of every stream
   * @param gates each call passes them, the first one first
   * @throws StoreStartException if it cannot be bound
   */
  static ListenerHost bind(
      ListenAddress address,
      String option,
      ServerCredentials credentials,
      int messageBytesMax,
      ServerStreamTracer.Factory tracer,
      List<ServerInterceptor> gates) {
    NettyServerBuilder builder = NettyServerBuilder.forAddress(
            address.toSocketAddress(), credentials)
        .directExecutor()
        .addStreamTracerFactory(tracer)
        .flowControlWindow(FLOW_CONTROL_BYTES)
        .maxInboundMessageSize(messageBytesMax)
        .permitKeepAliveTime(KEEP_ALIVE_SECONDS_MIN, TimeUnit.SECONDS)
        .permitKeepAliveWithoutCalls(true);
    for (int i = gates.size() - 1; i >= 0; i--) {
      // The last one that is added is passed first.
      builder.intercept(gates.get(i));
    }
    ListenerHost listener = new ListenerHost(builder);
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
    serve(service.bindService());
  }

  void serve(ServerServiceDefinition service) {
    services.add(service);
  }

  /** What ends the calls that do not end by themselves, when the listener stops with grace. */
  void onStop(Runnable ending) {
    endings.add(ending);
  }

  /** Lets calls end by themselves for so long, then cuts them. */
  void close(Duration grace) {
    server.shutdown();
    endings.forEach(Runnable::run);
    stop(grace);
  }

  @Override
  public void close() {
    server.shutdown();
    stop(Duration.ZERO);
  }

  private void stop(Duration grace) {
    try {
      if (!server.awaitTermination(grace.toMillis(), TimeUnit.MILLISECONDS)) {
        server.shutdownNow().awaitTermination(1, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      server.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }

  /** The services, once they are there; until then an answer that says so for every call. Any thread. */
  private static final class LateServices extends HandlerRegistry {
    private static final Status NOT_YET = Status.UNAVAILABLE.withDescription(
        "this store is starting: it serves once it has joined its cluster");

    private final MutableHandlerRegistry served = new MutableHandlerRegistry();
    private volatile boolean serving;

    void add(ServerServiceDefinition service) {
      served.addService(service);
      serving = true;
    }

    @Override
    public @Nullable ServerMethodDefinition<?, ?> lookupMethod(
        String method, @Nullable String authority) {
      ServerMethodDefinition<?, ?> found = served.lookupMethod(method, authority);
      return found == null && !serving ? notYet(method) : found;
    }

    private static ServerMethodDefinition<byte[], byte[]> notYet(String method) {
      return ServerMethodDefinition.create(
          MethodDescriptor.newBuilder(Ignored.INSTANCE, Ignored.INSTANCE)
              .setType(MethodDescriptor.MethodType.UNKNOWN)
              .setFullMethodName(method)
              .build(),
          (call, headers) -> {
            call.close(NOT_YET, new Metadata());
            return new ServerCall.Listener<>() {};
          });
    }
  }

  /** Bytes that nobody reads. */
  private enum Ignored implements MethodDescriptor.Marshaller<byte[]> {
    INSTANCE;

    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      return new byte[0];
    }
  }
}
