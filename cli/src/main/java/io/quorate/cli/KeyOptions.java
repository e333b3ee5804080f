package io.quorate.cli;

import io.quorate.auth.ClusterKey;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What the cluster's own processes know each other by. Filled in by picocli. */
final class KeyOptions {
  @Option(
      names = "--cluster-key",
      paramLabel = "FILE",
      description = {
        "A secret of 32 bytes or more, such as 'openssl rand -hex 32' makes, the same for all placement drivers, stores and gateways.",
        "With it only they may join the cluster, and authentication can be enabled. Default: none."
      })
  private @Nullable Path file;

  Optional<Path> file() {
    return Optional.ofNullable(file);
  }

  Optional<ClusterKey> key() {
    return Optional.ofNullable(file).map(ClusterKey::read);
  }
}
