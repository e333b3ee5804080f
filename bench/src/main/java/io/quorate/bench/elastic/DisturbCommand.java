package io.quorate.bench.elastic;

import io.quorate.bench.BenchTarget;
import io.quorate.bench.load.ClosedLoop;
import io.quorate.client.QuorateClient;
import io.quorate.client.placement.AdminClient;
import io.quorate.client.placement.Located;
import io.quorate.client.placement.PlacementException;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Peer;
import io.quorate.proto.OperatorStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code quorate bench disturb}: what splits or leader transfers cost those who write meanwhile. */
@Command(
    name = "disturb",
    description = {
      "Puts without a pause, orders a split or a leader transfer every few seconds, and compares the p99 of all puts in",
      "the second after the order with that in the second before it. Prints each, and the median of the differences."
    },
    mixinStandardHelpOptions = true)
public final class DisturbCommand implements Callable<Integer> {
  private static final Duration WINDOW = Duration.ofSeconds(1);
  private static final int ENDED_LISTED = 50;

  /** What is ordered. */
  enum Change {
    SPLIT,
    TRANSFER
  }

  @Mixin
  private BenchTarget target = new BenchTarget();

  @Option(
      names = "--change",
      defaultValue = "SPLIT",
      description = "${COMPLETION-CANDIDATES} (default ${DEFAULT-VALUE}).")
  Change change = Change.SPLIT;

  @Option(
      names = "--count",
      defaultValue = "50",
      description = "Changes that must get done (default ${DEFAULT-VALUE}).")
  int count;

  @Option(
      names = "--clients",
      defaultValue = "16",
      description = "Closed-loop clients (default ${DEFAULT-VALUE}).")
  int clients;

  @Option(
      names = "--keys",
      defaultValue = "100000",
      description = "Number of keys (default ${DEFAULT-VALUE}).")
  int keys;

  @Option(
      names = "--value-bytes",
      defaultValue = "256",
      description = "Value size (default ${DEFAULT-VALUE}).")
  int valueBytes;

  @Option(
      names = "--warmup",
      defaultValue = "20",
      description = "Seconds of load before the first change (default ${DEFAULT-VALUE}).")
  int warmUp;

  /** One change and the puts around it. */
  private record Disturbance(
      long beforeMicros, long afterMicros, long worstMicros, long operatorMillis) {
    long costMicros() {
      return afterMicros - beforeMicros;
    }
  }

  @Override
  public Integer call() throws InterruptedException {
    Bytes value = Bytes.wrap(new byte[valueBytes]);
    List<Disturbance> all = new ArrayList<>();
    SplittableRandom random = new SplittableRandom(1);
    try (QuorateClient client = target.open()) {
      ClosedLoop load = new ClosedLoop(
          choice -> client.put(key(choice.nextInt(keys)), value), ClosedLoop.Mode.ASYNC, clients);
      load.start();
      Thread.sleep(Duration.ofSeconds(warmUp).toMillis());
      while (all.size() < count) {
        disturb(client, load, random).ifPresent(seen -> {
          all.add(seen);
          System.out.printf(
              Locale.ROOT,
              "{\"change\":\"%s\",\"beforeP99us\":%d,\"afterP99us\":%d,\"costUs\":%d,\"afterMaxUs\":%d,\"operatorMs\":%d}%n",
              change,
              seen.beforeMicros(),
              seen.afterMicros(),
              seen.costMicros(),
              seen.worstMicros(),
              seen.operatorMillis());
        });
      }
      load.stop();
      System.out.printf(
          Locale.ROOT,
          "{\"changes\":\"%s\",\"count\":%d,\"clients\":%d,\"medianBeforeP99us\":%d,\"medianAfterP99us\":%d,"
              + "\"medianCostUs\":%d,\"medianAfterMaxUs\":%d,\"errors\":%d}%n",
          change,
          all.size(),
          clients,
          median(all.stream().map(Disturbance::beforeMicros).toList()),
          median(all.stream().map(Disturbance::afterMicros).toList()),
          median(all.stream().map(Disturbance::costMicros).toList()),
          median(all.stream().map(Disturbance::worstMicros).toList()),
          load.errors());
      return load.errors() == 0 ? 0 : 1;
    }
  }

  private Optional<Disturbance> disturb(
      QuorateClient client, ClosedLoop load, SplittableRandom random) throws InterruptedException {
    load.interval();
    Thread.sleep(WINDOW.toMillis());
    Histogram before = load.interval();
    AdminClient admin = client.placement().admin();
    Optional<OperatorStatus> ordered = order(client, admin, random);
    Thread.sleep(WINDOW.toMillis());
    Histogram after = load.interval();
    if (ordered.isEmpty()) {
      return Optional.empty();
    }
    return ended(admin, ordered.get())
        .map(took -> new Disturbance(
            before.getValueAtPercentile(99) / 1000,
            after.getValueAtPercentile(99) / 1000,
            after.getMaxValue() / 1000,
            took));
  }

  private Optional<OperatorStatus> order(
      QuorateClient client, AdminClient admin, SplittableRandom random) {
    Bytes key = key(random.nextInt(keys));
    try {
      if (change == Change.SPLIT) {
        return admin.split(List.of(key), false).join().stream().findFirst();
      }
      List<Located> regions =
          client.placement().lookup(KeyRange.single(key), 1).join().regions();
      List<Peer> heirs = regions.stream()
          .flatMap(region -> region.region().peers().stream()
              .filter(peer -> region.leader().filter(peer::equals).isEmpty()))
          .toList();
      return heirs.isEmpty()
          ? Optional.empty()
          : admin
              .transferLeader(
                  regions.get(0).region().id(),
                  heirs.get(random.nextInt(heirs.size())).store())
              .join()
              .stream()
              .findFirst();
    } catch (PlacementException | CompletionException refused) {
      return Optional.empty();
    }
  }

  /** How long the operator ran, if it succeeded, which the caller has left it a second for. */
  private static Optional<Long> ended(AdminClient admin, OperatorStatus ordered) {
    return admin.listOperators(ENDED_LISTED).join().stream()
        .filter(operator -> operator.getNumber() == ordered.getNumber()
            && operator.getState() == OperatorStatus.State.SUCCESS)
        .map(OperatorStatus::getTookMs)
        .findFirst();
  }

  private static long median(List<Long> values) {
    List<Long> sorted = values.stream().sorted().toList();
    return sorted.get(sorted.size() / 2);
  }

  private static Bytes key(int number) {
    return Bytes.utf8("user" + site.ycsb.Utils.hash(number));
  }
}
