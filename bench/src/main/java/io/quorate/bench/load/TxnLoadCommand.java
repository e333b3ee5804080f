package io.quorate.bench.load;

import io.quorate.bench.BenchTarget;
import io.quorate.client.KeyValue;
import io.quorate.client.QuorateClient;
import io.quorate.client.TxnOp;
import io.quorate.client.txn.Transaction;
import io.quorate.model.Bytes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import site.ycsb.generator.ZipfianGenerator;

/** {@code quorate bench txn}: what a transaction costs beside a single put, in one region and over two, apart and in each other's way. */
@Command(
    name = "txn",
    description = {
      "Closed-loop transactions through the Java SDK, beside single puts.",
      "put: one key. near: two puts of neighbours, which lie in one region. far: two puts of keys anywhere, mostly in two regions.",
      "transfer: reads two counters anywhere and writes both; attempts beside the first are aborts."
    },
    mixinStandardHelpOptions = true)
public final class TxnLoadCommand implements Callable<Integer> {
  /** What to send. */
  enum Kind {
    PUT,
    NEAR,
    FAR,
    TRANSFER
  }

  @Mixin
  private BenchTarget target = new BenchTarget();

  @Option(
      names = "--op",
      split = ",",
      defaultValue = "put,near,far,transfer",
      description = "Any of put, near, far, transfer (default ${DEFAULT-VALUE}).")
  List<String> operations = List.of();

  @Option(
      names = "--clients",
      split = ",",
      defaultValue = "1,64",
      description = "Closed-loop clients, one run for each number (default ${DEFAULT-VALUE}).")
  List<Integer> clients = List.of();

  @Option(
      names = "--keys",
      defaultValue = "100000",
      description = "Number of keys; few make contention (default ${DEFAULT-VALUE}).")
  int keys;

  @Option(names = "--zipf", description = "Some keys far oftener than others (YCSB's, 0.99).")
  boolean zipf;

  @Option(
      names = "--sdks",
      defaultValue = "1",
      description =
          "SDK clients that the closed-loop clients are spread over, each with connections of its own (default ${DEFAULT-VALUE}).")
  int sdks;

  @Option(
      names = "--seconds",
      defaultValue = "10",
      description = "Measured seconds (default ${DEFAULT-VALUE}).")
  long seconds;

  @Option(
      names = "--warmup",
      defaultValue = "5",
      description = "Unmeasured seconds before (default ${DEFAULT-VALUE}).")
  long warmUp;

  @Option(
      names = "--pids",
      split = ",",
      description = "Server processes whose processor time and memory to count (Linux).")
  List<Long> pids = List.of();

  @Option(names = "--json", description = "One JSON line per run.")
  boolean json;

  private ZipfianGenerator skewed = new ZipfianGenerator(0, 1);

  @Override
  public Integer call() throws Exception {
    skewed = new ZipfianGenerator(0, keys - 1);
    boolean failed = false;
    List<QuorateClient> open = new ArrayList<>();
    try {
      for (int i = 0; i < Math.max(1, sdks); i++) {
        open.add(target.open());
      }
      for (String operation : operations) {
        Kind kind = Kind.valueOf(operation.toUpperCase(Locale.ROOT));
        for (int count : clients) {
          TxnTally tally = new TxnTally();
          LoadResult result = new ClosedLoop(
                  random -> request(of(open, random), kind, tally).send(random),
                  ClosedLoop.Mode.ASYNC,
                  count)
              .run(
                  "quorate",
                  operation,
                  Duration.ofSeconds(warmUp),
                  Duration.ofSeconds(seconds),
                  pids);
          System.out.println(json ? result.toJson() : result);
          if (kind == Kind.TRANSFER) {
            System.out.println("           " + tally);
          }
          failed |= result.errors() > 0;
        }
      }
    } finally {
      open.forEach(QuorateClient::close);
    }
    return failed ? 1 : 0;
  }

  private static QuorateClient of(List<QuorateClient> open, SplittableRandom client) {
    return open.get(System.identityHashCode(client) % open.size());
  }

  private ClosedLoop.Request request(QuorateClient client, Kind kind, TxnTally tally) {
    Bytes value = Bytes.utf8("0");
    return switch (kind) {
      case PUT -> random -> client.put(key(random), value);
      case NEAR ->
        random -> {
          Bytes key = key(random);
          return client
              .txn()
              .then(TxnOp.put(key, value), TxnOp.put(key.next(), value))
              .commit();
        };
      case FAR ->
        random -> {
          Bytes first = key(random);
          Bytes second = other(first, random);
          return client
              .txn()
              .then(TxnOp.put(first, value), TxnOp.put(second, value))
              .commit();
        };
      case TRANSFER ->
        random -> {
          Bytes from = key(random);
          Bytes to = other(from, random);
          return client
              .transact(tx -> transfer(tx, from, to))
              .thenAccept(committed -> tally.done(random, committed.attempts()));
        };
    };
  }

  private static CompletableFuture<Boolean> transfer(Transaction tx, Bytes from, Bytes to) {
    return tx.get(from).thenCombine(tx.get(to), (source, target) -> {
      tx.put(from, Bytes.utf8(Long.toString(number(source) - 1)));
      tx.put(to, Bytes.utf8(Long.toString(number(target) + 1)));
      return true;
    });
  }

  private static long number(Optional<KeyValue> counter) {
    return counter.map(kv -> Long.parseLong(kv.value().toUtf8())).orElse(0L);
  }

  private Bytes other(Bytes than, SplittableRandom random) {
    Bytes key = key(random);
    while (key.equals(than) && keys > 1) {
      key = key(random);
    }
    return key;
  }

  private Bytes key(SplittableRandom random) {
    int number = zipf ? skewed.nextValue().intValue() : random.nextInt(keys);
    return LoadCommand.key(number);
  }
}
