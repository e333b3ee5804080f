package io.quorate.cli;

import io.quorate.bench.ClientTlsOptions;
import io.quorate.client.transport.ListenerTls;
import io.quorate.client.transport.TlsConfig;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** TLS of a process that listens; the options have etcd's names and meaning. Filled in by picocli. */
final class ServerTlsOptions {
  @Option(
      names = "--cert-file",
      paramLabel = "FILE",
      description =
          "Certificate chain (PEM) that the --listen port shows; its clients must use TLS then. Default: none, plain text.")
  private @Nullable Path certFile;

  @Option(
      names = "--key-file",
      paramLabel = "FILE",
      description = "The certificate's private key (PEM, PKCS#8, no password).")
  private @Nullable Path keyFile;

  @Option(
      names = "--trusted-ca-file",
      paramLabel = "FILE",
      description =
          "Authorities (PEM) that sign the certificates of clients. Default: those of the JVM.")
  private @Nullable Path trustedCaFile;

  @Option(
      names = "--client-cert-auth",
      description = "Who connects to the --listen port must show a certificate.")
  private boolean clientCertAuth;

  @Option(
      names = "--peer-cert-file",
      paramLabel = "FILE",
      description =
          "Certificate chain (PEM) for the other processes of the cluster, which must show one too. Default: --cert-file.")
  private @Nullable Path peerCertFile;

  @Option(
      names = "--peer-key-file",
      paramLabel = "FILE",
      description = "The peer certificate's private key. Default: --key-file.")
  private @Nullable Path peerKeyFile;

  @Option(
      names = "--peer-trusted-ca-file",
      paramLabel = "FILE",
      description =
          "Authorities (PEM) that sign the certificates of the cluster's processes. Default: --trusted-ca-file.")
  private @Nullable Path peerTrustedCaFile;

  /** Of the port for clients. */
  Optional<ListenerTls> clients() {
    Optional<TlsConfig.Identity> own =
        ClientTlsOptions.identity("--cert-file", certFile, "--key-file", keyFile);
    if (own.isEmpty() && (clientCertAuth || trustedCaFile != null)) {
      throw new IllegalArgumentException(
          "--client-cert-auth and --trusted-ca-file need TLS: give --cert-file and --key-file");
    }
    return own.map(
        identity -> new ListenerTls(identity, Optional.ofNullable(trustedCaFile), clientCertAuth));
  }

  /** Of the port for the cluster's own processes: nobody else has business there. */
  Optional<ListenerTls> peers() {
    return peer().map(identity -> new ListenerTls(identity, peerTrusted(), /* demanding= */ true));
  }

  /** Of the connections to the cluster's other processes. */
  Optional<TlsConfig> outbound() {
    Optional<TlsConfig.Identity> own = peer();
    if (own.isEmpty() && peerTrustedCaFile != null) {
      throw new IllegalArgumentException(
          "--peer-trusted-ca-file needs TLS: give --peer-cert-file and --peer-key-file");
    }
    return own.map(identity -> new TlsConfig(peerTrusted(), Optional.of(identity)));
  }

  private Optional<TlsConfig.Identity> peer() {
    return ClientTlsOptions.identity(
            "--peer-cert-file", peerCertFile, "--peer-key-file", peerKeyFile)
        .or(() -> ClientTlsOptions.identity("--cert-file", certFile, "--key-file", keyFile));
  }

  private Optional<Path> peerTrusted() {
    return Optional.ofNullable(peerTrustedCaFile).or(() -> Optional.ofNullable(trustedCaFile));
  }
}
