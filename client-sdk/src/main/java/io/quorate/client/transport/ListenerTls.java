package io.quorate.client.transport;

import io.grpc.InsecureServerCredentials;
import io.grpc.ServerCredentials;
import io.grpc.TlsServerCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.nio.file.Path;
import java.util.Optional;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * How a listening port proves its identity, and what it wants of those who connect.
 *
 * @param identity what it shows
 * @param trusted PEM file of the authorities whose certificates it accepts; absent means those of the JVM
 * @param demanding whether who shows no certificate is turned away
 */
public record ListenerTls(TlsConfig.Identity identity, Optional<Path> trusted, boolean demanding) {
  /**
   * Reads the files.
   *
   * @throws IllegalArgumentException if one cannot be read or used
   */
  public ServerCredentials credentials() {
    TlsServerCredentials.Builder builder = TlsServerCredentials.newBuilder();
    builder.keyManager(identity.keyManager());
    trustManager().ifPresent(builder::trustManager);
    if (demanding) {
      builder.clientAuth(TlsServerCredentials.ClientAuth.REQUIRE);
    }
    ServerCredentials credentials = builder.build();
    try {
      // Made to see whether the files are what they should be, before anything is started with
      // them.
      var unused = NettyServerBuilder.forPort(0, credentials);
    } catch (RuntimeException e) {
      throw TlsConfig.unusable(this, e);
    }
    return credentials;
  }

  /**
   * What judges who connects, by the file of authorities: it is read now, and again when it has changed.
   *
   * @throws IllegalArgumentException if it cannot be read or used
   */
  public Optional<X509ExtendedTrustManager> trustManager() {
    return trusted.map(TlsConfig::trustManager);
  }

  /** As {@link #credentials()}, or plain text where there is no TLS. */
  public static ServerCredentials credentials(Optional<ListenerTls> tls) {
    return tls.map(ListenerTls::credentials).orElseGet(InsecureServerCredentials::create);
  }

  @Override
  public String toString() {
    return "certificate " + identity.chain() + ", key " + identity.key()
        + trusted.map(path -> ", authorities " + path).orElse("");
  }
}
