package io.quorate.cli;

import io.quorate.client.QuorateClient;
import io.quorate.client.QuorateException;
import io.quorate.client.watch.Watch;
import io.quorate.client.watch.WatchEvent;
import io.quorate.client.watch.WatchListener;
import io.quorate.client.watch.WatchOptions;
import io.quorate.client.watch.WatchUpdate;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code quorate watch}. Prints on the client's callback threads; main waits for the end. */
@Command(
    name = "watch",
    description = {
      "Prints every change of a key, a prefix or a range, in the order of revisions over all regions, until it is interrupted.",
      "For people: type, revision, key, value and, with --prev, the value before, separated by tabs."
    })
final class WatchCommand implements Callable<Integer> {
  @Mixin
  private RangeOfKeys keys = new RangeOfKeys();

  @Option(
      names = "--rev",
      paramLabel = "R",
      defaultValue = "0",
      description = "From revision R on, past or future. Default: from now on.")
  private long start;

  @Option(names = "--prev", description = "With each change the key as it was before.")
  private boolean previous;

  @Option(names = "--no-put", description = "Deletions only.")
  private boolean noPut;

  @Option(names = "--no-delete", description = "Puts only.")
  private boolean noDelete;

  @Option(
      names = "--immediate",
      description = "Do not wait for other regions: in order for each key, not over all of them.")
  private boolean immediate;

  @Option(
      names = "--any-replica",
      description = "Be served by any replica of each region, not only by leaders.")
  private boolean anyReplica;

  @Option(
      names = "--progress",
      arity = "0..1",
      paramLabel = "TIME",
      fallbackValue = "5s",
      description =
          "Print how far all is told, after so long without changes. Default: ${FALLBACK-VALUE}.")
  private Duration progress = Duration.ZERO;

  @Option(
      names = "--count",
      paramLabel = "N",
      defaultValue = "0",
      description = "End after N changes. Default: never.")
  private long count;

  @Mixin
  private ClientOptions cluster = new ClientOptions();

  @Mixin
  private Output output = new Output();

  @Override
  public Integer call() {
    return cluster.withClient(client -> {
      try {
        follow(client);
        return ExitCode.OK;
      } catch (CompletionException e) {
        if (e.getCause() instanceof QuorateException known) {
          throw known;
        }
        throw e;
      }
    });
  }

  private void follow(QuorateClient client) {
    WatchOptions options =
        new WatchOptions(start, previous, noPut, noDelete, immediate, anyReplica, progress);
    Printer printer = new Printer();
    try (Watch watch = client.watch(keys.range(cluster, true), options, printer)) {
      printer.begin(watch);
      watch.done().join();
    }
  }

  /** Prints what it hears, and ends the watch when it has heard enough. */
  private final class Printer implements WatchListener {
    private final AtomicLong left = new AtomicLong(count == 0 ? Long.MAX_VALUE : count);
    private final CompletableFuture<Watch> watch = new CompletableFuture<>();

    void begin(Watch opened) {
      watch.complete(opened);
    }

    @Override
    public void onUpdate(WatchUpdate update) {
      if (update.isProgress() && left.get() > 0) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("type", "progress");
        json.put("revision", update.revision());
        output.print(json, out -> out.println("PROGRESS\t" + update.revision()));
      }
      for (WatchEvent event : update.events()) {
        if (left.getAndDecrement() > 0) {
          print(event);
        }
      }
      if (left.get() <= 0) {
        var unused = watch.thenAccept(Watch::close);
      }
    }
  }

  private void print(WatchEvent event) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("type", event.type().name().toLowerCase(Locale.ROOT));
    json.put("revision", event.revision());
    if (event.type() == WatchEvent.Type.PUT) {
      json.putAll(cluster.json(event.kv()));
    } else {
      cluster.put(json, "key", event.key());
    }
    event.previous().ifPresent(before -> json.put("previous", cluster.json(before)));
    output.print(json, out -> print(out, event));
  }

  private void print(PrintWriter out, WatchEvent event) {
    StringBuilder line = new StringBuilder()
        .append(event.type())
        .append('\t')
        .append(event.revision())
        .append('\t')
        .append(cluster.text(event.key()));
    if (event.type() == WatchEvent.Type.PUT) {
      line.append('\t').append(cluster.text(event.kv().value()));
    }
    event
        .previous()
        .ifPresent(before -> line.append("\tprevious: ").append(cluster.text(before.value())));
    out.println(line);
  }
}
