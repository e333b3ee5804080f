package io.quorate.client.transport;

import io.grpc.ChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.EventLoop;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.IoHandlerFactory;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.Epoll;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens channels on a few event loops of its own. Owned by the composition root of a process or
 * client; its threads are daemons and end with {@link #close}.
 */
public final class ChannelFactory implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ChannelFactory.class);
  private static final int FLOW_CONTROL_BYTES = 8 << 20;
  private static final long CLOSE_SECONDS_MAX = 5;

  private final TransportConfig config;
  private final ChannelCredentials credentials;
  private final EventLoopGroup group;
  private final Class<? extends Channel> channelType;
  private volatile @Nullable CallTokens tokens;
  private final Set<ManagedChannel> opened = ConcurrentHashMap.newKeySet();

  /**
   * Starts the event loops.
   *
   * @param threadName how their threads are named
   * @throws IllegalArgumentException if a file of the TLS configuration cannot be read
   */
  public ChannelFactory(TransportConfig config, String threadName) {
    this.config = config;
    this.credentials = TlsConfig.credentials(config.tls());
    boolean epoll = Epoll.isAvailable();
    IoHandlerFactory io = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    this.channelType = epoll ? EpollSocketChannel.class : NioSocketChannel.class;
    this.group = new MultiThreadIoEventLoopGroup(
        config.ioThreads(), new DefaultThreadFactory(threadName, /* daemon= */ true), io);
  }

  /** From now on new calls show these. Said once, before the first call that needs them. */
  public void authenticate(CallTokens by) {
    tokens = by;
  }

  /** A channel on some loop. It connects when first used, and never retries a call by itself. */
  public LoopChannel open(Endpoint endpoint) {
    return open(endpoint, group.next());
  }

  /**
   * A channel on the given loop.
   *
   * @param loop one that {@link #loop} gave
   */
  public LoopChannel open(Endpoint endpoint, ScheduledExecutorService loop) {
    if (!(loop instanceof EventLoop eventLoop)) {
      throw new IllegalArgumentException("not a loop of this factory: " + loop);
    }
    NettyChannelBuilder builder = NettyChannelBuilder.forAddress(
            endpoint.host(), endpoint.port(), credentials)
        .eventLoopGroup(eventLoop)
        .channelType(channelType)
        .directExecutor()
        .intercept(new TokenCalls(() -> tokens, eventLoop))
        .disableRetry()
        .flowControlWindow(FLOW_CONTROL_BYTES)
        .maxInboundMessageSize(config.maxMessageBytes());
    if (!config.keepAlive().isZero()) {
      builder.keepAliveTime(config.keepAlive().toMillis(), TimeUnit.MILLISECONDS);
    }
    ManagedChannel channel = builder.build();
    opened.removeIf(ManagedChannel::isTerminated);
    opened.add(channel);
    return new LoopChannel(channel, eventLoop);
  }

  /** Why a call over one of these channels failed, in one line, with what to do about it if that can be told. */
  public String explain(Status status) {
    return ConnectionHints.explain(status, config.tls().isPresent());
  }

  /** One of the loops, for work that is confined to it; it must never be blocked. */
  public ScheduledExecutorService loop() {
    return group.next();
  }

  /** Ends all channels and then the loops, and waits for their threads. */
  @Override
  public void close() {
    opened.forEach(ManagedChannel::shutdownNow);
    long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(CLOSE_SECONDS_MAX);
    try {
      // A channel that is still connecting needs its loop to end in order.
      for (ManagedChannel channel : opened) {
        if (!channel.awaitTermination(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS)) {
          LOG.warn("channel to {} did not end within {} s", channel.authority(), CLOSE_SECONDS_MAX);
        }
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    group
        .shutdownGracefully(0, CLOSE_SECONDS_MAX, TimeUnit.SECONDS)
        .awaitUninterruptibly(CLOSE_SECONDS_MAX, TimeUnit.SECONDS);
  }
}
