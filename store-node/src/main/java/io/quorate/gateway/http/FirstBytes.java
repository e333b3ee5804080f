package io.quorate.gateway.http;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandler;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.handler.codec.ByteToMessageDecoder;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpObjectAggregator;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpServerCodec;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpServerKeepAliveHandler;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
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

  /** A body of JSON is a third larger than the bytes it carries: etcd's largest request, and room. */
  private static final int BODY_BYTES_MAX = 4 << 20;

  private final ChannelHandler grpc;
  private final Supplier<? extends ChannelHandler> http;
  /** What the transport says before the first bytes; gRPC's handler waits for it. */
  private @Nullable Object begun;

  FirstBytes(ChannelHandler grpc, Supplier<? extends ChannelHandler> http) {
    this.grpc = grpc;
    this.http = http;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    var unused = ctx.executor().schedule(() -> giveUp(ctx), SILENCE_SECONDS_MAX, TimeUnit.SECONDS);
  }

  private static void giveUp(ChannelHandlerContext ctx) {
    if (!ctx.isRemoved()) {
      var unused = ctx.close();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    begun = event;
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
    if (begun != null) {
      ctx.fireUserEventTriggered(begun);
    }
    ctx.pipeline().remove(this);
  }

  private void serveHttp(ChannelHandlerContext ctx) {
    String last = ctx.name();
    for (ChannelHandler each : List.of(
        http.get(),
        new HttpObjectAggregator(BODY_BYTES_MAX),
        new HttpServerKeepAliveHandler(),
        new HttpServerCodec())) {
      // Each comes directly behind this one, before those added earlier.
      ctx.pipeline().addAfter(last, null, each);
    }
    ctx.pipeline().remove(this);
  }
}
