package io.quorate.cli;

import io.quorate.client.KeyValue;
import io.quorate.client.RangeOptions;
import io.quorate.client.RangeResult;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code quorate get}. */
@Command(
    name = "get",
    description = "Prints the value of a key. Exits with 1 if the key is not there.")
final class GetCommand implements Callable<Integer> {
  @Parameters(paramLabel = "KEY", description = "The key.")
  private String key = "";

  @Option(
      names = "--rev",
      paramLabel = "R",
      defaultValue = "0",
      description = "As it was at revision R. Default: now.")
  private long revision;

  @Mixin
  private ClientOptions cluster = new ClientOptions();

  @Mixin
  private Output output = new Output();

  @Override
  public Integer call() {
    Bytes wanted = cluster.bytes(key);
    return cluster.withClient(client -> {
      RangeResult result = client
          .range(KeyRange.single(wanted), RangeOptions.DEFAULT.at(revision))
          .join();
      Optional<KeyValue> found = result.kvs().stream().findFirst();
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("revision", result.revision());
      json.put("found", found.isPresent());
      found.ifPresent(kv -> json.putAll(cluster.json(kv)));
      output.print(json, out -> found.ifPresent(kv -> out.println(cluster.raw(kv.value()))));
      return found.isPresent() ? ExitCode.OK : ExitCode.NO;
    });
  }
}
