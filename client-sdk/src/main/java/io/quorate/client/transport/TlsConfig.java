package io.quorate.client.transport;

import java.nio.file.Path;
import java.util.Optional;

/**
 * How a process proves the other side's identity, and its own.
 *
 * @param trusted PEM file of the authorities to trust; absent means those of the JVM
 * @param identity certificate chain and key of this process, for mutual TLS
 */
public record TlsConfig(Optional<Path> trusted, Optional<Identity> identity) {
  /**
   * What this process shows.
   *
   * @param chain PEM file of the certificate chain
   * @param key PEM file of the private key, PKCS#8
   */
  public record Identity(Path chain, Path key) {}
}
