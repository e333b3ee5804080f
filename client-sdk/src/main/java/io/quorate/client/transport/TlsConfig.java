package io.quorate.client.transport;

import io.grpc.ChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import io.grpc.TlsChannelCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Optional;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * How a process that connects proves the other side's identity, and its own.
 *
 * @param trusted PEM file of the authorities to trust; absent means those of the JVM
 * @param identity certificate chain and key of this process, for mutual TLS
 */
public record TlsConfig(Optional<Path> trusted, Optional<Identity> identity) {
  /**
   * What a process shows of itself.
   *
   * @param chain PEM file of the certificate chain
   * @param key PEM file of the private key, PKCS#8
   */
  public record Identity(Path chain, Path key) {
    /**
     * What shows it to others: the files are read now, and again when they have changed.
     *
     * @throws IllegalArgumentException if one cannot be read or used
     */
    public X509ExtendedKeyManager keyManager() {
      try {
        return new RenewedIdentity(this, System::nanoTime);
      } catch (IOException unreadable) {
        throw unreadable(unreadable);
      } catch (GeneralSecurityException | RuntimeException unusable) {
        throw unusable("certificate " + chain + ", key " + key, unusable);
      }
    }
  }

  /**
   * What trusts the authorities in a PEM file: it is read now, and again when it has changed.
   *
   * @throws IllegalArgumentException if it cannot be read or used
   */
  static X509ExtendedTrustManager trustManager(Path authorities) {
    try {
      return new RenewedTrust(authorities, System::nanoTime);
    } catch (IOException unreadable) {
      throw unreadable(unreadable);
    } catch (GeneralSecurityException | RuntimeException unusable) {
      throw unusable("authorities " + authorities, unusable);
    }
  }

  /**
   * Reads the files.
   *
   * @throws IllegalArgumentException if one cannot be read or used
   */
  public ChannelCredentials credentials() {
    TlsChannelCredentials.Builder builder = TlsChannelCredentials.newBuilder();
    trusted.ifPresent(authorities -> builder.trustManager(trustManager(authorities)));
    identity.ifPresent(own -> builder.keyManager(own.keyManager()));
    ChannelCredentials credentials = builder.build();
    try {
      // Made to see whether the files are what they should be, before anything is started with
      // them.
      var unused = NettyChannelBuilder.forAddress("localhost", 1, credentials);
    } catch (RuntimeException e) {
      throw unusable(this, e);
    }
    return credentials;
  }

  /** As {@link #credentials()}, or plain text where there is no TLS. */
  public static ChannelCredentials credentials(Optional<TlsConfig> tls) {
    return tls.map(TlsConfig::credentials).orElseGet(InsecureChannelCredentials::create);
  }

  static IllegalArgumentException unreadable(IOException why) {
    return new IllegalArgumentException("TLS file cannot be read: " + why.getMessage(), why);
  }

  static IllegalArgumentException unusable(Object files, Exception why) {
    Throwable root = why;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return new IllegalArgumentException(
        "TLS cannot be set up with " + files + " (" + root.getMessage()
            + "): give certificates in PEM and the key in PEM, PKCS#8, without a password",
        why);
  }

  @Override
  public String toString() {
    return trusted.map(path -> "authorities " + path).orElse("the JVM's authorities")
        + identity
            .map(own -> ", certificate " + own.chain() + ", key " + own.key())
            .orElse("");
  }
}
