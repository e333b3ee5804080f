package io.quorate.cli;

import io.quorate.client.PutOptions;
import io.quorate.client.PutResult;
import io.quorate.model.Bytes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code quorate put}. */
@Command(
    name = "put",
    description = "Sets the value of a key, and prints the revision that it got.")
final class PutCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "KEY", description = "The key.")
  private String key = "";

  @Parameters(
      index = "1",
      paramLabel = "VALUE",
      description = "The value; - reads it from standard input, bytes as they are.")
  private String value = "";

  @Option(names = "--prev", description = "Print what the key held before, too.")
  private boolean previous;

  @Option(
      names = "--lease",
      paramLabel = "ID",
      defaultValue = "0",
      description = "The lease that the key shall live with, in hexadecimal; 0 for none.")
  private String lease = "0";

  @Mixin
  private ClientOptions cluster = new ClientOptions();

  @Mixin
  private Output output = new Output();

  @Override
  public Integer call() {
    Bytes to = value.equals("-") ? standardInput() : cluster.bytes(value);
    PutOptions plain = PutOptions.DEFAULT.withLease(LeaseCommand.id(lease));
    PutOptions options = previous ? plain.withPrevious() : plain;
    return cluster.withClient(client -> {
      PutResult result = client.put(cluster.bytes(key), to, options).join();
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("revision", result.revision());
      result.previous().ifPresent(kv -> json.put("previous", cluster.json(kv)));
      output.print(json, out -> {
        out.println("OK, revision " + result.revision());
        result.previous().ifPresent(kv -> out.println("before: " + cluster.text(kv.value())));
      });
      return ExitCode.OK;
    });
  }

  private static Bytes standardInput() {
    try {
      return Bytes.wrap(System.in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
