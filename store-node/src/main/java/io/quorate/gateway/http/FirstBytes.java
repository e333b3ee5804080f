package io.quorate.gateway.http;

import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.SecurityLevel;
import io.grpc.internal.GrpcAttributes;
import io.grpc.netty.shaded.io.grpc.netty.InternalProtocolNegotiationEvent;
import io.grpc.netty.shaded.io.grpc.netty.ProtocolNegotiationEvent;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandler;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.handler.codec.ByteToMessageDecoder;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpObjectAggregator;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpServerCodec;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpServerKeepAliveHandler;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslHandler;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.grpc.netty.shaded.io.netty.handler.timeout.IdleStateHandler;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * Waits for the first bytes of a connection, makes it one of gRPC or of HTTP/1.1 by them, and goes. Owned by its connection; on
 * its event loop.
 */
final class FirstBytes extends ByteToMessageDecoder {
  /** How HTTP/2 begins (RFC 9113, 3.4); no method of HTTP/1.1 does. */
  private static final byte[] HTTP2 = "PRI ".getBytes(StandardCharsets.US_ASCII);

  /** A connection that has not said what it is by then is closed. */
  private static final long SILENCE_SECONDS_MAX = 30;

  /** A connection of HTTP/1.1 on which nothing is asked, answered or under way for so long is closed. */
  private static final long IDLE_SECONDS_MAX = 300;

  /** A body of JSON is a third larger than the bytes it carries: etcd's largest request, and room. */
  private static final int BODY_BYTES_MAX = 4 << 20;

  private final Optional<SslContext> tls;
  private final ChannelHandler grpc;
  private final Supplier<? extends ChannelHandler> http;
  /** What the transport says before the first bytes; gRPC's handler waits for it. */
  private ProtocolNegotiationEvent begun = InternalProtocolNegotiationEvent.getDefault();

  private @Nullable ScheduledFuture<?> silence;

  FirstBytes(
      Optional<SslContext> tls, ChannelHandler grpc, Supplier<? extends ChannelHandler> http) {
    this.tls = tls;
    this.grpc = grpc;
    this.http = http;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    // What comes here is decrypted then, and what leaves encrypted, whichever protocol it is.
    tls.ifPresent(
        context -> ctx.pipeline().addBefore(ctx.name(), null, context.newHandler(ctx.alloc())));
    silence = ctx.executor().schedule(() -> giveUp(ctx), SILENCE_SECONDS_MAX, TimeUnit.SECONDS);
  }

  private static void giveUp(ChannelHandlerContext ctx) {
    var unused = ctx.close();
  }

  /** The timer would hold all of a connection that has ended long ago. */
  @Override
  protected void handlerRemoved0(ChannelHandlerContext ctx) {
    if (silence != null) {
      silence.cancel(/* mayInterruptIfRunning= */ false);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof ProtocolNegotiationEvent transport) {
      begun = transport;
    } else if (event instanceof SslHandshakeCompletionEvent shaken && !shaken.isSuccess()) {
      var unused = ctx.close();
    }
  }

  /** What gRPC's services may ask of their connection, as gRPC's own handlers would have noted it. */
  private ProtocolNegotiationEvent settled(ChannelHandlerContext ctx) {
    Attributes.Builder facts = InternalProtocolNegotiationEvent.getAttributes(begun).toBuilder()
        .set(Grpc.TRANSPORT_ATTR_LOCAL_ADDR, ctx.channel().localAddress())
        .set(Grpc.TRANSPORT_ATTR_REMOTE_ADDR, ctx.channel().remoteAddress());
    if (tls.isPresent()) {
      SSLSession session = ctx.pipeline().get(SslHandler.class).engine().getSession();
      facts
          .set(Grpc.TRANSPORT_ATTR_SSL_SESSION, session)
          .set(GrpcAttributes.ATTR_SECURITY_LEVEL, SecurityLevel.PRIVACY_AND_INTEGRITY);
    } else {
      facts.set(GrpcAttributes.ATTR_SECURITY_LEVEL, SecurityLevel.NONE);
    }
    return InternalProtocolNegotiationEvent.withAttributes(begun, facts.build());
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    for (int i = 0; i < HTTP2.length; i++) {
      if (i == in.readableBytes()) {
        return;
      }
      if (in.getByte(in.readerIndex() + i) != HTTP2[i]) {
        serveHttp(ctx);
        return;
      }
    }
    serveGrpc(ctx);
  }

  /** What has come so far goes on to the next handler when this one is removed. */
  private void serveGrpc(ChannelHandlerContext ctx) {
    ctx.pipeline().addAfter(ctx.name(), null, grpc);
    ctx.fireUserEventTriggered(settled(ctx));
    ctx.pipeline().remove(this);
  }

  private void serveHttp(ChannelHandlerContext ctx) {
    String last = ctx.name();
    for (ChannelHandler each : List.of(
        http.get(),
        new HttpObjectAggregator(BODY_BYTES_MAX),
        new HttpServerKeepAliveHandler(),
        new HttpServerCodec(),
        new IdleStateHandler(0, 0, IDLE_SECONDS_MAX, TimeUnit.SECONDS))) {
      // Each comes directly behind this one, before those added earlier.
      ctx.pipeline().addAfter(last, null, each);
    }
    ctx.pipeline().remove(this);
  }
}
