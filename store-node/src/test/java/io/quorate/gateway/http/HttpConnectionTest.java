package io.quorate.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.embedded.EmbeddedChannel;
import io.grpc.netty.shaded.io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpMethod;
import io.grpc.netty.shaded.io.netty.handler.codec.http.HttpVersion;
import io.grpc.netty.shaded.io.netty.handler.timeout.IdleStateEvent;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A connection of HTTP/1.1 without a network. */
class HttpConnectionTest {
  private final ManagedChannel nobody =
      InProcessChannelBuilder.forName("nobody").build();
  private final CompletableFuture<HttpPages.Page> page = new CompletableFuture<>();
  private final EmbeddedChannel connection =
      new EmbeddedChannel(new HttpConnection(nobody, path -> Optional.of(page)));

  @AfterEach
  void close() {
    var unused = connection.finishAndReleaseAll();
    nobody.shutdownNow();
  }

  private void ask() {
    connection.writeInbound(
        new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/health"));
  }

  private void passTime() {
    connection.pipeline().fireUserEventTriggered(IdleStateEvent.ALL_IDLE_STATE_EVENT);
  }

  @Test
  void whoAsksNothingIsCutOff() {
    passTime();
    assertThat(connection.isOpen()).isFalse();
  }

  @Test
  void whoWaitsForAnAnswerIsNotCutOffUntilHeHasIt() {
    ask();
    passTime();
    assertThat(connection.isOpen()).isTrue();
    page.complete(new HttpPages.Page(200, "text/plain", "well"));
    connection.runPendingTasks();
    assertThat(connection.<Object>readOutbound()).isNotNull();
    passTime();
    assertThat(connection.isOpen()).isFalse();
  }
}
