package io.quorate.bench;

import io.quorate.client.transport.TlsConfig;
import io.quorate.client.transport.TransportConfig;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** TLS of a command that connects, be it of the benchmarks or not; the options have etcdctl's names. Filled in by picocli. */
public final class ClientTlsOptions {
  private static final String CACERT = "quorate.cacert";
  private static final String CERT = "quorate.cert";
  private static final String KEY = "quorate.key";

  @Option(
      names = "--cacert",
      paramLabel = "FILE",
      defaultValue = "${env:QUORATE_CACERT:-}",
      description =
          "Connect with TLS, trusting these authorities (PEM). Default: QUORATE_CACERT, else plain text.")
  private String cacert = "";

  @Option(
      names = "--cert",
      paramLabel = "FILE",
      defaultValue = "${env:QUORATE_CERT:-}",
      description =
          "Connect with TLS, showing this certificate chain (PEM). Default: QUORATE_CERT, else none.")
  private String cert = "";

  @Option(
      names = "--key",
      paramLabel = "FILE",
      defaultValue = "${env:QUORATE_KEY:-}",
      description =
          "The certificate's private key (PEM, PKCS#8, no password). Default: QUORATE_KEY, else none.")
  private String key = "";

  /** How to connect. */
  public TransportConfig transport() {
    return transport(cacert, cert, key);
  }

  /**
   * How to connect with these files, where an empty name stands for none.
   *
   * @throws IllegalArgumentException if one of certificate and key is missing
   */
  public static TransportConfig transport(String cacert, String cert, String key) {
    TransportConfig plain = TransportConfig.defaults();
    Optional<TlsConfig.Identity> identity = identity("--cert", path(cert), "--key", path(key));
    Optional<Path> trusted = Optional.ofNullable(path(cacert));
    return identity.isEmpty() && trusted.isEmpty()
        ? plain
        : plain.withTls(new TlsConfig(trusted, identity));
  }

  /** The names of the files by property, for a process that is to connect the same way. */
  public Map<String, String> properties() {
    return Map.of(CACERT, cacert, CERT, cert, KEY, key);
  }

  /** How to connect as {@link #properties} says. */
  public static TransportConfig transport(Properties from) {
    return transport(
        from.getProperty(CACERT, ""), from.getProperty(CERT, ""), from.getProperty(KEY, ""));
  }

  /** Both or neither. */
  public static Optional<TlsConfig.Identity> identity(
      String certOption, @Nullable Path cert, String keyOption, @Nullable Path key) {
    if (cert == null && key == null) {
      return Optional.empty();
    }
    if (cert == null || key == null) {
      throw new IllegalArgumentException(
          certOption + " and " + keyOption + " belong together: give both or neither");
    }
    return Optional.of(new TlsConfig.Identity(cert, key));
  }

  private static @Nullable Path path(String option) {
    return option.isEmpty() ? null : Path.of(option);
  }
}
