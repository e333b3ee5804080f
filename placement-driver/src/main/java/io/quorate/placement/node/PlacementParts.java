package io.quorate.placement.node;

import io.grpc.ChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import io.grpc.InsecureServerCredentials;
import io.grpc.ServerCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.micrometer.core.instrument.MeterRegistry;
import io.quorate.auth.Callers;
import io.quorate.auth.ClusterKey;
import io.quorate.raft.transport.ChannelFactory;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * What the surroundings give a PD: how connections are made, both ways, and where its meters go.
 *
 * @param servers how it listens
 * @param channels how it connects to other members
 * @param metrics where its meters are registered
 * @param key by which processes of the cluster know each other; absent: they do not
 * @param certificates whether a caller without a token is the user that his certificate names: right where all must show one
 */
public record PlacementParts(
    ServerFactory servers,
    ChannelFactory channels,
    MeterRegistry metrics,
    Optional<ClusterKey> key,
    boolean certificates) {
  private static final Duration KEEP_ALIVE = Duration.ofSeconds(5);

  /** The same, but as to whether certificates name users. */
  public PlacementParts withCertificates(boolean naming) {
    return new PlacementParts(servers, channels, metrics, key, naming);
  }

  /** Begins a server at an address the owner's way (TLS, event loops). */
  public interface ServerFactory {
    NettyServerBuilder at(SocketAddress address);
  }

  /** Without TLS. */
  public static PlacementParts plaintext(MeterRegistry metrics) {
    return plaintext(metrics, Optional.empty());
  }

  /** Without TLS, but with a key. */
  public static PlacementParts plaintext(MeterRegistry metrics, Optional<ClusterKey> key) {
    return of(
        InsecureServerCredentials.create(), InsecureChannelCredentials.create(), metrics, key);
  }

  /**
   * As the credentials say.
   *
   * @param listening of its one port
   * @param connecting of its connections to other members
   */
  public static PlacementParts of(
      ServerCredentials listening,
      ChannelCredentials connecting,
      MeterRegistry metrics,
      Optional<ClusterKey> key) {
    return new PlacementParts(
        address -> NettyServerBuilder.forAddress(address, listening),
        hostPort -> NettyChannelBuilder.forTarget(hostPort, connecting)
            .keepAliveTime(KEEP_ALIVE.toMillis(), TimeUnit.MILLISECONDS)
            .keepAliveWithoutCalls(true)
            .intercept(key.map(Callers::asSystem).stream().toList())
            .build(),
        metrics,
        key,
        /* certificates= */ false);
  }
}
