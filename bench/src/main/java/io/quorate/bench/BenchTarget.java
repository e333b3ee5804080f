package io.quorate.bench;

import io.quorate.client.ClientConfig;
import io.quorate.client.QuorateClient;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which cluster a benchmark loads. Filled in by picocli. */
public final class BenchTarget {
  @Option(
      names = "--pd",
      defaultValue = "${env:QUORATE_PD:-127.0.0.1:2381}",
      description = "PD's addresses, host:port,… (default ${DEFAULT-VALUE}).")
  private String placement = "";

  @Mixin
  private ClientTlsOptions tls = new ClientTlsOptions();

  /** A client of its own, which the caller closes. */
  public QuorateClient open() {
    return QuorateClient.open(ClientConfig.of(placement).withTransport(tls.transport()));
  }
}
