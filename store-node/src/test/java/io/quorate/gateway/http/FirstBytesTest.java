package io.quorate.gateway.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.channel.embedded.EmbeddedChannel;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** How a connection is found to be one of gRPC or of HTTP, and what is left of it then. */
class FirstBytesTest {
  /** What a channel says that has no timer. */
  private static final long NO_TIMER = -1;

  private static EmbeddedChannel connection() {
    return new EmbeddedChannel(new FirstBytes(
        Optional.empty(), new ChannelInboundHandlerAdapter(), ChannelInboundHandlerAdapter::new));
  }

  private static void say(EmbeddedChannel connection, String bytes) {
    connection.writeInbound(Unpooled.copiedBuffer(bytes, US_ASCII));
  }

  /** Found by {@code EtcdFuzzIT}: a timer that nobody took away kept all of a connection for half a minute after its end. */
  @Test
  void whatIsFoundOutNeedsNoTimer() {
    EmbeddedChannel connection = connection();
    assertThat(connection.runScheduledPendingTasks()).isPositive();
    say(connection, "PR");
    assertThat(connection.pipeline().get(FirstBytes.class)).isNotNull();
    say(connection, "I * HTTP/2.0");
    assertThat(connection.pipeline().get(FirstBytes.class)).isNull();
    assertThat(connection.runScheduledPendingTasks()).isEqualTo(NO_TIMER);
    var unused = connection.finishAndReleaseAll();
  }

  @Test
  void silenceIsCutOff() {
    EmbeddedChannel connection = connection();
    connection.freezeTime();
    say(connection, "PR");
    connection.advanceTimeBy(29, TimeUnit.SECONDS);
    connection.runScheduledPendingTasks();
    assertThat(connection.isOpen()).isTrue();
    connection.advanceTimeBy(2, TimeUnit.SECONDS);
    connection.runScheduledPendingTasks();
    assertThat(connection.isOpen()).isFalse();
  }
}
