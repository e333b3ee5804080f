package io.quorate.gateway.http;

import io.grpc.netty.shaded.io.netty.channel.ChannelFutureListener;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandler;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.SimpleChannelInboundHandler;
import io.grpc.netty.shaded.io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.grpc.netty.shaded.io.netty.handler.codec.http.FullHttpRequest;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpHeaderNames;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpResponseStatus;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpVersion;
import java.util.function.Supplier;

/**
 * Who takes the HTTP connections of a port that is bound before its services exist: until they do, each is told to come again.
 * Owned by who binds the port; any thread.
 */
public final class LateHttp implements Supplier<ChannelHandler> {
  private volatile Supplier<? extends ChannelHandler> served = NotYet::new;

  /** From now on new connections go there. */
  public void serve(Supplier<? extends ChannelHandler> connections) {
    served = connections;
  }

  @Override
  public ChannelHandler get() {
    return served.get();
  }

  /** Says so, and closes: by the time the client comes again there may be somebody. On the connection's event loop. */
  private static final class NotYet extends SimpleChannelInboundHandler<FullHttpRequest> {
    @Override
    protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
      DefaultFullHttpResponse answer =
          new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.SERVICE_UNAVAILABLE);
      answer.headers().setInt(HttpHeaderNames.CONTENT_LENGTH, 0);
      var unused = ctx.writeAndFlush(answer).addListener(ChannelFutureListener.CLOSE);
    }
  }
}
