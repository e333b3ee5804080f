package io.quorate.cli;

import io.quorate.client.DeleteOptions;
import io.quorate.client.DeleteResult;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code quorate del}. */
@Command(
    name = "del",
    description =
        "Deletes a key or a range, and prints how many keys. Exits with 1 if there was none.")
final class DelCommand implements Callable<Integer> {
  @Mixin
  private RangeOfKeys keys = new RangeOfKeys();

  @Option(names = "--prev", description = "Print what is deleted, too.")
  private boolean previous;

  @Mixin
  private ClientOptions cluster = new ClientOptions();

  @Mixin
  private Output output = new Output();

  @Override
  public Integer call() {
    DeleteOptions options = previous ? DeleteOptions.DEFAULT.withPrevious() : DeleteOptions.DEFAULT;
    return cluster.withClient(client -> {
      DeleteResult result =
          client.deleteRange(keys.range(cluster, false), options).join();
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("revision", result.revision());
      json.put("deleted", result.deleted());
      if (previous) {
        json.put("previous", result.previous().stream().map(cluster::json).toList());
      }
      output.print(json, out -> {
        out.println(result.deleted());
        result
            .previous()
            .forEach(kv -> out.println(cluster.text(kv.key()) + "\t" + cluster.text(kv.value())));
      });
      return result.deleted() > 0 ? ExitCode.OK : ExitCode.NO;
    });
  }
}
