package io.quorate.cli;

import io.quorate.client.txn.ForeignLock;
import io.quorate.model.KeyRange;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code quorate locks}. */
@Command(
    name = "locks",
    sortOptions = false,
    description = {
      "Lists the locks of transactions over several regions that stand now, with owner and age.",
      "In health there are few, and none is old: one that has outlived its time is cleared by whoever meets it.",
      ""
    })
final class LocksCommand implements Callable<Integer> {
  @Option(
      names = "--prefix",
      paramLabel = "PREFIX",
      defaultValue = "",
      description = "Only of keys that begin so.")
  private String prefix = "";

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "1000",
      description = "At most so many. Default: ${DEFAULT-VALUE}.")
  private int limit;

  @Mixin
  private ClientOptions cluster = new ClientOptions();

  @Mixin
  private Output output = new Output();

  @Override
  public Integer call() {
    if (limit < 1) {
      throw new IllegalArgumentException("--limit must be 1 or more, not " + limit);
    }
    KeyRange range = prefix.isEmpty() ? KeyRange.ALL : KeyRange.prefix(cluster.bytes(prefix));
    List<ForeignLock> locks =
        cluster.withClient(client -> client.locks(range, limit).join());
    output.print(locks.stream().map(this::json).toList(), out -> print(out, locks));
    return ExitCode.OK;
  }

  private Map<String, Object> json(ForeignLock lock) {
    Map<String, Object> json = new LinkedHashMap<>();
    cluster.put(json, "start", lock.range().start());
    cluster.put(json, "end", lock.range().end());
    json.put("kind", kind(lock));
    json.put("age_ms", lock.ageMillis());
    json.put("ttl_ms", lock.ttlMillis());
    cluster.put(json, "primary", lock.owner().primary());
    json.put("start_revision", lock.owner().start());
    json.put("transaction", lock.owner().toString());
    return json;
  }

  private static String kind(ForeignLock lock) {
    return lock.write() ? "write" : "read";
  }

  private void print(PrintWriter out, List<ForeignLock> locks) {
    out.printf(
        "%-6s %-10s %-10s %-34s %-16s %s%n",
        "kind", "age", "ttl", "transaction", "primary", "keys");
    locks.forEach(lock -> out.printf(
        "%-6s %-10s %-10s %-34s %-16s %s%n",
        kind(lock),
        lock.ageMillis() + " ms",
        lock.ttlMillis() + " ms",
        lock.owner().id().toHex(),
        cluster.text(lock.owner().primary()),
        keys(lock.range())));
  }

  private String keys(KeyRange range) {
    if (range.isSingle()) {
      return cluster.text(range.start());
    }
    return "[" + cluster.text(range.start()) + ", "
        + (range.isUnbounded() ? "∞" : cluster.text(range.end())) + ")";
  }
}
