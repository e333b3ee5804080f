package io.quorate.bench.watch;

import io.quorate.bench.BenchTarget;
import io.quorate.client.QuorateClient;
import io.quorate.client.watch.WatchOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code quorate bench watch}: what it takes to tell many watchers of one writer's puts. Main waits. */
@Command(
    name = "watch",
    description = {
      "Puts under a prefix that many watchers watch: time from put to event, events a second, processor time per event,",
      "and what an idle watcher holds in memory. The next put goes when all watchers have one of those under way."
    },
    mixinStandardHelpOptions = true)
public final class FanOutCommand implements Callable<Integer> {
  @Mixin
  private BenchTarget target = new BenchTarget();

  @Option(
      names = "--watchers",
      split = ",",
      defaultValue = "1,100,1000,10000",
      description = "Watchers, one run for each number (default ${DEFAULT-VALUE}).")
  List<Integer> watchers = List.of();

  @Option(
      names = "--clients",
      defaultValue = "4",
      description = "Clients that the watchers are spread over (default ${DEFAULT-VALUE}).")
  int clients;

  @Option(
      names = "--in-flight",
      defaultValue = "1",
      description =
          "Puts that not all watchers have heard of, at a time (default ${DEFAULT-VALUE}).")
  int inFlight;

  @Option(
      names = "--value-bytes",
      defaultValue = "256",
      description = "Value size, 16 at least (default ${DEFAULT-VALUE}).")
  int valueBytes;

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
      names = "--stalled",
      defaultValue = "0",
      description =
          "Further watchers that never take what they are told (default ${DEFAULT-VALUE}).")
  int stalled;

  @Option(names = "--any-replica", description = "Watchers are served by any replica.")
  boolean anyReplica;

  @Option(
      names = "--pids",
      split = ",",
      description = "Server processes whose processor time and memory to count (Linux).")
  List<Long> pids = List.of();

  @Option(names = "--json", description = "One JSON line per run.")
  boolean json;

  @Override
  public Integer call() throws InterruptedException {
    if (valueBytes < FanOut.HEAD_BYTES || clients < 1 || inFlight < 1) {
      throw new IllegalArgumentException(
          "at least one client, one put and " + FanOut.HEAD_BYTES + " bytes of value");
    }
    WatchOptions options =
        anyReplica ? WatchOptions.DEFAULT.withAnyReplica() : WatchOptions.DEFAULT;
    List<QuorateClient> open = new ArrayList<>();
    try {
      for (int i = 0; i <= clients; i++) {
        open.add(target.open());
      }
      for (int count : watchers) {
        FanOut.Shape shape = new FanOut.Shape(count, stalled, inFlight, valueBytes, options);
        FanOutResult result = new FanOut(open.get(0), open.subList(1, open.size()), shape, pids)
            .run(Duration.ofSeconds(warmUp), Duration.ofSeconds(seconds));
        System.out.println(json ? result.toJson() : result);
      }
      return 0;
    } finally {
      open.forEach(QuorateClient::close);
    }
  }
}
