package io.quorate.cli;

import io.quorate.client.RangeOptions;
import io.quorate.client.RangeResult;
import io.quorate.client.SortOrder;
import io.quorate.client.SortTarget;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code quorate range}. */
@Command(
    name = "range",
    description =
        "Prints keys and values, separated by a tab, as of one revision over all regions.")
final class RangeCommand implements Callable<Integer> {
  @Mixin
  private RangeOfKeys keys = new RangeOfKeys();

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "0",
      description = "At most N keys. Default: all.")
  private long limit;

  @Option(
      names = "--rev",
      paramLabel = "R",
      defaultValue = "0",
      description = "As it was at revision R. Default: now.")
  private long revision;

  @Option(names = "--keys-only", description = "No values.")
  private boolean keysOnly;

  @Option(names = "--count-only", description = "Only how many keys there are.")
  private boolean countOnly;

  @Option(
      names = "--sort-by",
      paramLabel = "WHAT",
      description = "One of: ${COMPLETION-CANDIDATES}. Default: key.")
  private @Nullable SortTarget sortBy;

  @Option(names = "--descending", description = "Greatest first.")
  private boolean descending;

  @Mixin
  private ClientOptions cluster = new ClientOptions();

  @Mixin
  private Output output = new Output();

  @Override
  public Integer call() {
    return cluster.withClient(client -> {
      RangeResult result = client.range(keys.range(cluster, true), options()).join();
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("revision", result.revision());
      json.put("count", result.count());
      json.put("more", result.more());
      if (!countOnly) {
        json.put("kvs", result.kvs().stream().map(cluster::json).toList());
      }
      output.print(json, out -> print(out, result));
      return ExitCode.OK;
    });
  }

  private RangeOptions options() {
    RangeOptions options = RangeOptions.DEFAULT.withLimit(limit).at(revision);
    if (keysOnly) {
      options = options.withKeysOnly();
    }
    if (countOnly) {
      options = options.withCountOnly();
    }
    return options.sortedBy(
        sortBy == null ? SortTarget.KEY : sortBy,
        descending ? SortOrder.DESCENDING : SortOrder.ASCENDING);
  }

  private void print(PrintWriter out, RangeResult result) {
    if (countOnly) {
      out.println(result.count());
    }
    result
        .kvs()
        .forEach(kv -> out.println(
            cluster.text(kv.key()) + (keysOnly ? "" : "\t" + cluster.text(kv.value()))));
  }
}
