package io.quorate.gateway.http;

import com.google.protobuf.Message;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.ByteBufUtil;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.SimpleChannelInboundHandler;
import io.grpc.netty.shaded.io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.grpc.netty.shaded.io.netty.handler.codec.http.FullHttpRequest;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpHeaderNames;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpMethod;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpResponseStatus;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpVersion;
import io.grpc.netty.shaded.io.netty.handler.codec.http.QueryStringDecoder;
import io.grpc.netty.shaded.io.netty.handler.timeout.IdleStateEvent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1.1 connection: answers its requests one after the other, those under {@code /v3} by calling etcd's services, the others
 * as pages. Owned by its connection; everything runs on its event loop.
 */
public final class HttpConnection extends SimpleChannelInboundHandler<FullHttpRequest> {
  /** Requests that a client may send ahead of their answers; a client that sends more is cut off. */
  private static final int PIPELINED_MAX = 16;

  private static final String JSON = "application/json";

  /** A request, taken out of the transport's memory. */
  private record Waiting(HttpMethod method, String path, String token, String body) {}

  private final Channel services;
  private final HttpPages pages;
  private final Deque<Waiting> waiting = new ArrayDeque<>();
  private @Nullable JsonCall call;
  private boolean busy;

  /**
   * A connection that has just been found to speak HTTP.
   *
   * @param services etcd's
   * @param pages all else
   */
  public HttpConnection(Channel services, HttpPages pages) {
    this.services = services;
    this.pages = pages;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
    if (request.decoderResult().isFailure() || waiting.size() >= PIPELINED_MAX) {
      var unused = ctx.close();
      return;
    }
    String token = request.headers().get(HttpHeaderNames.AUTHORIZATION, "");
    waiting.add(new Waiting(
        request.method(),
        new QueryStringDecoder(request.uri()).path(),
        token,
        request.content().toString(StandardCharsets.UTF_8)));
    next(ctx);
  }

  private void next(ChannelHandlerContext ctx) {
    if (busy) {
      return;
    }
    Waiting request = waiting.poll();
    if (request == null) {
      return;
    }
    busy = true;
    Optional<MethodDescriptor<Message, Message>> method = JsonRoutes.ofEtcd().find(request.path());
    if (method.isEmpty()) {
      page(ctx, request);
    } else if (!request.method().equals(HttpMethod.POST)) {
      answer(
          ctx,
          HttpResponseStatus.METHOD_NOT_ALLOWED,
          JSON,
          HttpErrors.body(Status.UNIMPLEMENTED.withDescription("Method Not Allowed"))
              .toString());
    } else {
      JsonCall started = new JsonCall(ctx, method.get(), () -> done(ctx));
      call = started;
      started.start(services, request.token(), request.body());
    }
  }

  private void page(ChannelHandlerContext ctx, Waiting request) {
    boolean reads =
        request.method().equals(HttpMethod.GET) || request.method().equals(HttpMethod.HEAD);
    Optional<CompletableFuture<HttpPages.Page>> page =
        reads ? pages.find(request.path()) : Optional.empty();
    if (page.isEmpty()) {
      answer(
          ctx,
          HttpResponseStatus.NOT_FOUND,
          JSON,
          HttpErrors.body(Status.NOT_FOUND.withDescription("Not Found")).toString());
      return;
    }
    var unused = page.get()
        .whenComplete((found, failure) -> ctx.executor().execute(() -> {
          if (failure == null) {
            answer(ctx, HttpResponseStatus.valueOf(found.status()), found.type(), found.body());
          } else {
            answer(
                ctx,
                HttpResponseStatus.SERVICE_UNAVAILABLE,
                JSON,
                HttpErrors.body(Status.UNAVAILABLE.withDescription(failure.getMessage()))
                    .toString());
          }
        }));
  }

  private void answer(
      ChannelHandlerContext ctx, HttpResponseStatus status, String type, String text) {
    ByteBuf body = ByteBufUtil.writeUtf8(ctx.alloc(), text);
    DefaultFullHttpResponse response =
        new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, body);
    response.headers().set(HttpHeaderNames.CONTENT_TYPE, type);
    response.headers().setInt(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
    var unused = ctx.writeAndFlush(response);
    done(ctx);
  }

  private void done(ChannelHandlerContext ctx) {
    call = null;
    busy = false;
    next(ctx);
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (call != null && ctx.channel().isWritable()) {
      call.onWritable();
    }
  }

  /** A call that waits, such as a watch on which nothing happens, keeps its connection. */
  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof IdleStateEvent && !busy) {
      var unused = ctx.close();
    } else {
      ctx.fireUserEventTriggered(event);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    if (call != null) {
      call.cancel("the HTTP client went away");
      call = null;
    }
    waiting.clear();
    ctx.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    var unused = ctx.close();
  }
}
