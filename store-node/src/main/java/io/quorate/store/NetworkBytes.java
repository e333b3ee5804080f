package io.quorate.store;

import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/**
 * Counts what goes over the streams of one listening port, as it is on the wire. Owner: the port's {@link ListenerHost}.
 * Thread: the transport's.
 */
final class NetworkBytes extends ServerStreamTracer.Factory {
  private final Counter in;
  private final Counter out;

  NetworkBytes(MeterRegistry registry, String port) {
    this.in = counter(registry, port, "in");
    this.out = counter(registry, port, "out");
  }

  private static Counter counter(MeterRegistry registry, String port, String direction) {
    return Counter.builder("quorate.store.network")
        .baseUnit("bytes")
        .tags("port", port, "direction", direction)
        .description("bytes of the streams that others opened to this port")
        .register(registry);
  }

  @Override
  public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
    return new ServerStreamTracer() {
      @Override
      public void inboundWireSize(long bytes) {
        in.increment((double) bytes);
      }

      @Override
      public void outboundWireSize(long bytes) {
        out.increment((double) bytes);
      }
    };
  }
}
