package io.quorate.cli;

import io.quorate.bench.ClientTlsOptions;
import io.quorate.client.ClientConfig;
import io.quorate.client.Credentials;
import io.quorate.client.KeyValue;
import io.quorate.client.QuorateClient;
import io.quorate.client.QuorateException;
import io.quorate.client.placement.PlacementClient;
import io.quorate.client.placement.PlacementException;
import io.quorate.model.Bytes;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What all commands that talk to a cluster share. Filled in by picocli. */
final class ClientOptions {
  @Option(
      names = "--pd",
      paramLabel = "HOST:PORT,…",
      defaultValue = "${env:QUORATE_PD:-127.0.0.1:2381}",
      description = "Placement drivers of the cluster. Default: QUORATE_PD, else 127.0.0.1:2381.")
  private String pd = "";

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      defaultValue = "10s",
      description = "How long the whole request may take. Default: ${DEFAULT-VALUE}.")
  private Duration timeout = Duration.ZERO;

  @Option(names = "--hex", description = "Keys and values are given and printed in hexadecimal.")
  private boolean hex;

  @Option(
      names = "--user",
      paramLabel = "NAME[:PASSWORD]",
      defaultValue = "${env:QUORATE_USER:-}",
      description =
          "Who asks, where the cluster wants to know; without a password QUORATE_PASSWORD, else it is asked for. Default: QUORATE_USER.")
  private String user = "";

  @Mixin
  private ClientTlsOptions tls = new ClientTlsOptions();

  Duration timeout() {
    return timeout;
  }

  /** Runs the work with a client of the cluster. */
  <T> T withClient(Function<QuorateClient, T> work) {
    ClientConfig anybody = ClientConfig.of(pd)
        .withTimeouts(timeout, timeout.dividedBy(4))
        .withTransport(tls.transport());
    ClientConfig config = user.isEmpty()
        ? anybody
        : anybody.withCredentials(Credentials.user(Passwords.name(user), Passwords.of(user)));
    try (QuorateClient client = QuorateClient.open(config)) {
      return work.apply(client);
    } catch (QuorateException | PlacementException | CompletionException e) {
      Failure failure = Failure.of(e);
      throw failure.exitCode() == ExitCode.UNAVAILABLE
          ? new CommandFailedException(new Failure(
              failure.message() + "; is the cluster up, is --pd " + pd + " right?",
              failure.exitCode()))
          : e;
    }
  }

  /** Runs the work with a client of the placement drivers alone. */
  <T> T withPlacement(Function<PlacementClient, T> work) {
    return withClient(client -> work.apply(client.placement()));
  }

  /** A key or value as it was given. */
  Bytes bytes(String text) {
    if (!hex) {
      return Bytes.utf8(text);
    }
    try {
      return Bytes.fromHex(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("'" + text + "' is not hexadecimal, as --hex says", e);
    }
  }

  /** For people: as it is if it is printable text. */
  String text(Bytes bytes) {
    return hex ? bytes.toHex() : bytes.toString();
  }

  /** What {@code get} prints: the value itself, be it printable or not. */
  String raw(Bytes bytes) {
    return hex ? bytes.toHex() : bytes.toUtf8();
  }

  Map<String, Object> json(KeyValue kv) {
    Map<String, Object> object = new LinkedHashMap<>();
    put(object, "key", kv.key());
    put(object, "value", kv.value());
    object.put("create_revision", kv.createRevision());
    object.put("mod_revision", kv.modRevision());
    object.put("version", kv.version());
    if (kv.lease() != 0) {
      object.put("lease", kv.lease());
    }
    return object;
  }

  /** As text under the name if it is UTF-8, else in hexadecimal under name_hex. */
  void put(Map<String, Object> object, String name, Bytes bytes) {
    if (hex) {
      object.put(name, bytes.toHex());
      return;
    }
    try {
      object.put(
          name,
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(bytes.unsafeArray()))
              .toString());
    } catch (CharacterCodingException e) {
      object.put(name + "_hex", bytes.toHex());
    }
  }
}
