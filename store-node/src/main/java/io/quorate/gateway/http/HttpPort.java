package io.quorate.gateway.http;

import io.grpc.ServerCredentials;
import io.grpc.netty.shaded.io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.InternalNettyServerCredentials;
import io.grpc.netty.shaded.io.grpc.netty.InternalProtocolNegotiator;
import io.grpc.netty.shaded.io.grpc.netty.InternalProtocolNegotiators;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandler;
import io.grpc.netty.shaded.io.netty.handler.ssl.ApplicationProtocolConfig;
import io.grpc.netty.shaded.io.netty.handler.ssl.ApplicationProtocolNames;
import io.grpc.netty.shaded.io.netty.handler.ssl.ClientAuth;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.util.AsciiString;
import io.quorate.client.transport.ListenerTls;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;

/**
 * Lets a gRPC port take HTTP/1.1 connections too, as etcd's clients expect: the first bytes tell which a connection is. What gRPC
 * does with its connections is not touched. Stateless.
 */
public final class HttpPort {
  /** What a client with TLS may choose from; one that does not choose is found out by what it sends. */
  private static final ApplicationProtocolConfig BOTH = new ApplicationProtocolConfig(
      ApplicationProtocolConfig.Protocol.ALPN,
      ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
      ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
      ApplicationProtocolNames.HTTP_2,
      ApplicationProtocolNames.HTTP_1_1);

  private HttpPort() {}

  /**
   * Credentials of a plain-text port.
   *
   * @param http makes the last handler of one HTTP connection; called on that connection's event loop
   */
  public static ServerCredentials plaintext(Supplier<? extends ChannelHandler> http) {
    return InternalNettyServerCredentials.create(new Negotiator(Optional.empty(), http));
  }

  /**
   * Credentials of a port with TLS.
   *
   * @param http as with {@link #plaintext}
   * @throws IllegalArgumentException if a file of the identity cannot be read or used
   */
  public static ServerCredentials tls(ListenerTls tls, Supplier<? extends ChannelHandler> http) {
    // Reads the files once more than is needed, to refuse them with the same words as any other
    // port.
    var unused = tls.credentials();
    SslContext context;
    try {
      SslContextBuilder builder =
          GrpcSslContexts.configure(SslContextBuilder.forServer(tls.identity().keyManager()));
      tls.trustManager().ifPresent(builder::trustManager);
      context = builder
          .clientAuth(tls.demanding() ? ClientAuth.REQUIRE : ClientAuth.NONE)
          .applicationProtocolConfig(BOTH)
          .build();
    } catch (SSLException e) {
      throw new IllegalArgumentException("TLS cannot be set up: " + e.getMessage(), e);
    }
    return InternalNettyServerCredentials.create(new Negotiator(Optional.of(context), http));
  }

  /** Gives each connection its first handlers. Any event loop. */
  private record Negotiator(Optional<SslContext> tls, Supplier<? extends ChannelHandler> http)
      implements InternalProtocolNegotiator.ProtocolNegotiator {
    @Override
    public AsciiString scheme() {
      return AsciiString.of(tls.isPresent() ? "https" : "http");
    }

    @Override
    public ChannelHandler newHandler(GrpcHttp2ConnectionHandler grpc) {
      return new FirstBytes(tls, InternalProtocolNegotiators.grpcNegotiationHandler(grpc), http);
    }

    @Override
    public void close() {
      // Nothing is held.
    }
  }
}
