package io.quorate.store;

import io.quorate.client.transport.ListenerTls;
import io.quorate.client.transport.TlsConfig;
import java.util.Optional;

/**
 * The TLS of a store's connections; absent means plain text.
 *
 * @param clients of the port for clients
 * @param peers of the port for other stores
 * @param outbound of its connections to other stores and to placement drivers
 */
public record StoreSecurity(
    Optional<ListenerTls> clients, Optional<ListenerTls> peers, Optional<TlsConfig> outbound) {
  public static StoreSecurity plaintext() {
    return new StoreSecurity(Optional.empty(), Optional.empty(), Optional.empty());
  }
}
