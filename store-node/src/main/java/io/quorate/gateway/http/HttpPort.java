package io.quorate.gateway.http;

import io.grpc.ServerCredentials;
import io.grpc.netty.shaded.io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.grpc.netty.shaded.io.grpc.netty.InternalNettyServerCredentials;
import io.grpc.netty.shaded.io.grpc.netty.InternalProtocolNegotiator;
import io.grpc.netty.shaded.io.grpc.netty.InternalProtocolNegotiators;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandler;
import io.grpc.netty.shaded.io.netty.util.AsciiString;
import java.util.function.Supplier;

/**
 * Lets a gRPC port take HTTP/1.1 connections too, as etcd's clients expect: the first bytes tell which a connection is. What gRPC
 * does with its connections is not touched. Stateless.
 */
public final class HttpPort {
  private HttpPort() {}

  /**
   * Credentials of a plain-text port.
   *
   * @param http makes the last handler of one HTTP connection; called on that connection's event loop
   */
  public static ServerCredentials plaintext(Supplier<? extends ChannelHandler> http) {
    return InternalNettyServerCredentials.create(
        new Negotiator(InternalProtocolNegotiators.serverPlaintext(), http));
  }

  private record Negotiator(
      InternalProtocolNegotiator.ProtocolNegotiator grpc, Supplier<? extends ChannelHandler> http)
      implements InternalProtocolNegotiator.ProtocolNegotiator {
    @Override
    public AsciiString scheme() {
      return grpc.scheme();
    }

    @Override
    public ChannelHandler newHandler(GrpcHttp2ConnectionHandler handler) {
      return new FirstBytes(grpc.newHandler(handler), http);
    }

    @Override
    public void close() {
      grpc.close();
    }
  }
}
