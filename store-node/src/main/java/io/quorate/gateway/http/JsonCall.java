package io.quorate.gateway.http;

import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.JsonStreamParser;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import io.grpc.Status;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.ByteBufUtil;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.grpc.netty.shaded.io.netty.handler.codec.http.DefaultHttpContent;
import io.grpc.netty.shaded.io.netty.handler.codec.http.DefaultHttpResponse;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpHeaderNames;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpHeaderValues;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpResponse;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpResponseStatus;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpVersion;
import io.grpc.netty.shaded.io.netty.handler.codec.http.LastHttpContent;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One method called by JSON, as grpc-gateway does it for etcd: names as in the .proto files, bytes in base64, 64-bit numbers as
 * text, fields without content left out; a stream as lines of {@code {"result": …}}. Owned by its {@link HttpConnection}; runs on
 * that connection's event loop.
 */
final class JsonCall {
  private static final Metadata.Key<String> TOKEN =
      Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER);
  private static final JsonFormat.Parser PARSER = JsonFormat.parser().ignoringUnknownFields();
  private static final JsonFormat.Printer PRINTER =
      JsonFormat.printer().preservingProtoFieldNames().omittingInsignificantWhitespace();

  private final ChannelHandlerContext http;
  private final MethodDescriptor<Message, Message> method;
  private final Runnable done;
  private @Nullable ClientCall<Message, Message> call;
  private @Nullable Message single;
  private boolean begun;
  private boolean starved;
  private boolean over;

  /**
   * A call that answers to a connection.
   *
   * @param done runs once the answer is written
   */
  JsonCall(ChannelHandlerContext http, MethodDescriptor<Message, Message> method, Runnable done) {
    this.http = http;
    this.method = method;
    this.done = done;
  }

  private boolean streams() {
    return !method.getType().serverSendsOneMessage();
  }

  /**
   * Calls the method.
   *
   * @param token of a user who has logged in; empty if none
   * @param body one message as JSON; where the method takes a stream, one after the other
   */
  void start(Channel services, String token, String body) {
    List<Message> requests;
    try {
      requests = read(body);
    } catch (InvalidProtocolBufferException | JsonParseException unreadable) {
      finish(Status.INVALID_ARGUMENT.withDescription(String.valueOf(unreadable.getMessage())));
      return;
    }
    ClientCall<Message, Message> started = services.newCall(method, CallOptions.DEFAULT);
    call = started;
    Metadata headers = new Metadata();
    if (!token.isEmpty()) {
      headers.put(TOKEN, token);
    }
    started.start(new Listener(), headers);
    started.request(streams() ? 1 : 2);
    requests.forEach(started::sendMessage);
    started.halfClose();
  }

  private List<Message> read(String body) throws InvalidProtocolBufferException {
    List<Message> requests = new ArrayList<>();
    JsonStreamParser values = new JsonStreamParser(body);
    while (values.hasNext()) {
      JsonElement value = values.next();
      Message.Builder request = prototype().newBuilderForType();
      PARSER.merge(value.toString(), request);
      requests.add(request.build());
    }
    boolean one = method.getType().clientSendsOneMessage();
    if (one && requests.isEmpty()) {
      requests.add(prototype());
    }
    if (one && requests.size() > 1) {
      throw new JsonParseException("more than one request in the body");
    }
    return requests;
  }

  private Message prototype() {
    var marshaller = (PrototypeMarshaller<Message>) method.getRequestMarshaller();
    return Objects.requireNonNull(marshaller.getMessagePrototype());
  }

  /** The client takes more again. */
  void onWritable() {
    if (starved && call != null) {
      starved = false;
      call.request(1);
    }
  }

  void cancel(String why) {
    over = true;
    if (call != null) {
      call.cancel(why, null);
    }
  }

  /** Answers come on the service's threads; they are written by the connection's. */
  private final class Listener extends ClientCall.Listener<Message> {
    @Override
    public void onMessage(Message message) {
      http.executor().execute(() -> received(message));
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      http.executor().execute(() -> finish(status));
    }
  }

  private void received(Message message) {
    if (over) {
      return;
    }
    if (!streams()) {
      single = message;
      return;
    }
    begin();
    var unused =
        http.writeAndFlush(new DefaultHttpContent(text("{\"result\":" + print(message) + "}\n")));
    if (http.channel().isWritable() && call != null) {
      call.request(1);
    } else {
      starved = true;
    }
  }

  private void begin() {
    if (!begun) {
      begun = true;
      HttpResponse head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
      head.headers().set(HttpHeaderNames.CONTENT_TYPE, "application/json");
      head.headers().set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
      var unused = http.write(head);
    }
  }

  private void finish(Status status) {
    if (over) {
      return;
    }
    over = true;
    if (begun) {
      if (!status.isOk()) {
        var unused = http.write(new DefaultHttpContent(text(HttpErrors.line(status) + "\n")));
      }
      var unused = http.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
    } else if (!status.isOk()) {
      whole(HttpErrors.status(status), HttpErrors.body(status).toString());
    } else {
      whole(HttpResponseStatus.OK, single == null ? "" : print(single));
    }
    done.run();
  }

  private static String print(Message message) {
    try {
      return PRINTER.print(message);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    }
  }

  private void whole(HttpResponseStatus status, String json) {
    ByteBuf body = text(json);
    DefaultFullHttpResponse response =
        new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, body);
    response.headers().set(HttpHeaderNames.CONTENT_TYPE, "application/json");
    response.headers().setInt(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
    var unused = http.writeAndFlush(response);
  }

  private ByteBuf text(String text) {
    return ByteBufUtil.writeUtf8(http.alloc(), text);
  }
}
