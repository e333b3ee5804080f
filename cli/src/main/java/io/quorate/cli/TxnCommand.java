package io.quorate.cli;

import io.quorate.client.Compare;
import io.quorate.client.DeleteResult;
import io.quorate.client.OpResult;
import io.quorate.client.PutResult;
import io.quorate.client.RangeResult;
import io.quorate.client.Txn;
import io.quorate.client.TxnOp;
import io.quorate.client.TxnResult;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code quorate txn}. */
@Command(
    name = "txn",
    sortOptions = false,
    description = {
      "If all conditions hold, does one list of actions, else the other; as one, at one revision.",
      "Exits with 1 if a condition did not hold.",
      "",
      "Conditions: version(KEY), create(KEY), mod(KEY), lease(KEY), value(KEY), then =, !=, < or >, then a number or text.",
      "Actions: put KEY VALUE; get KEY [END] [--prefix] [--limit N]; del KEY [END] [--prefix].",
      "Quote what has blanks, with ' or \" (in which \\\" \\\\ \\n \\t \\xNN are known).",
      "",
      "Example: quorate txn --when 'version(lock) = 0' --then 'put lock me' --else 'get lock'",
      "",
      "Without options it is read from standard input: lines of conditions, an empty line, lines of actions, an empty",
      "line, lines of actions otherwise.",
      ""
    })
final class TxnCommand implements Callable<Integer> {
  @Option(
      names = "--when",
      paramLabel = "CONDITION",
      description = "A condition; may be repeated, all must hold.")
  private List<String> when = new ArrayList<>();

  @Option(
      names = "--then",
      paramLabel = "ACTION",
      description = "Done if all conditions hold; may be repeated.")
  private List<String> then = new ArrayList<>();

  @Option(
      names = "--else",
      paramLabel = "ACTION",
      description = "Done if a condition does not hold; may be repeated.")
  private List<String> otherwise = new ArrayList<>();

  @Mixin
  private ClientOptions cluster = new ClientOptions();

  @Mixin
  private Output output = new Output();

  @Override
  public Integer call() {
    boolean fromOptions = !when.isEmpty() || !then.isEmpty() || !otherwise.isEmpty();
    Txn txn = fromOptions ? TxnText.of(when, then, otherwise) : TxnText.of(standardInput());
    return cluster.withClient(client -> {
      TxnResult result = client
          .txn()
          .when(txn.compares().toArray(Compare[]::new))
          .then(txn.success().toArray(TxnOp[]::new))
          .otherwise(txn.failure().toArray(TxnOp[]::new))
          .commit()
          .join();
      output.print(json(result), out -> {
        out.println((result.succeeded() ? "conditions held" : "a condition did not hold")
            + ", revision " + result.revision());
        result.results().forEach(each -> print(out, each));
      });
      return result.succeeded() ? ExitCode.OK : ExitCode.NO;
    });
  }

  private static String standardInput() {
    try {
      return new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Map<String, Object> json(OpResult result) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("revision", result.revision());
    if (result instanceof TxnResult txn) {
      json.put("succeeded", txn.succeeded());
      json.put("results", txn.results().stream().map(this::json).toList());
    } else if (result instanceof RangeResult range) {
      json.put("count", range.count());
      json.put("kvs", range.kvs().stream().map(cluster::json).toList());
    } else if (result instanceof DeleteResult delete) {
      json.put("deleted", delete.deleted());
    }
    return json;
  }

  private void print(PrintWriter out, OpResult result) {
    if (result instanceof RangeResult range) {
      range
          .kvs()
          .forEach(kv -> out.println(cluster.text(kv.key()) + "\t" + cluster.text(kv.value())));
    } else if (result instanceof DeleteResult delete) {
      out.println("deleted " + delete.deleted());
    } else if (result instanceof PutResult) {
      out.println("put");
    }
  }
}
