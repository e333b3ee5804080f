package io.quorate.cli;

import io.quorate.client.transport.TlsConfig;
import io.quorate.client.transport.TransportConfig;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** TLS of a command that connects; the options have etcdctl's names. Filled in by picocli. */
final class ClientTlsOptions {
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

  TransportConfig transport() {
    TransportConfig plain = TransportConfig.defaults();
    Optional<TlsConfig.Identity> identity =
        ServerTlsOptions.identity("--cert", path(cert), "--key", path(key));
    Optional<Path> trusted = Optional.ofNullable(path(cacert));
    return identity.isEmpty() && trusted.isEmpty()
        ? plain
        : plain.withTls(new TlsConfig(trusted, identity));
  }

  private static @Nullable Path path(String option) {
    return option.isEmpty() ? null : Path.of(option);
  }
}
