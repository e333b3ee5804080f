package io.quorate.peers;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.options.WatchOption;
import io.etcd.jetcd.watch.WatchEvent;
import io.etcd.jetcd.watch.WatchResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The closed loop against whatever speaks etcd's API, through jetcd. */
@Command(
    name = "etcd-load",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Loads an etcd cluster.")
public final class EtcdLoad implements Callable<Integer> {
  private static final WatchOption EVERYTHING =
      WatchOption.builder().withRange(ByteSequence.from(new byte[1])).build();

  /** Some jetcd clients that take turns. */
  private static final class Clients implements KeyValueClient {
    private final List<Client> clients;
    private final List<KV> stores;
    private final AtomicInteger turn = new AtomicInteger();
    /** By revision: what a put and its event meet at, whichever is first. */
    private final Map<Long, CompletableFuture<Void>> heard = new ConcurrentHashMap<>();

    Clients(List<Client> clients, boolean watch) {
      this.clients = clients;
      this.stores = clients.stream().map(Client::getKVClient).toList();
      if (watch) {
        clients
            .get(0)
            .getWatchClient()
            .watch(ByteSequence.from(new byte[1]), EVERYTHING, this::onEvents);
      }
    }

    private void onEvents(WatchResponse response) {
      for (WatchEvent event : response.getEvents()) {
        at(event.getKeyValue().getModRevision()).complete(null);
      }
    }

    private CompletableFuture<Void> at(long revision) {
      return heard.computeIfAbsent(revision, unheard -> new CompletableFuture<>());
    }

    @Override
    public CompletableFuture<?> putAndHear(byte[] key, byte[] value) {
      return next().put(ByteSequence.from(key), ByteSequence.from(value)).thenCompose(put -> {
        long revision = put.getHeader().getRevision();
        return at(revision).thenRun(() -> heard.remove(revision));
      });
    }

    @Override
    public CompletableFuture<?> put(byte[] key, byte[] value) {
      return next().put(ByteSequence.from(key), ByteSequence.from(value));
    }

    @Override
    public CompletableFuture<byte[]> get(byte[] key) {
      return next().get(ByteSequence.from(key)).thenApply(response -> {
        List<KeyValue> found = response.getKvs();
        return found.isEmpty() ? null : found.get(0).getValue().getBytes();
      });
    }

    @Override
    public void close() {
      clients.forEach(Client::close);
    }

    private KV next() {
      return stores.get(Math.floorMod(turn.getAndIncrement(), stores.size()));
    }
  }

  @Option(names = "--endpoints", required = true, split = ",", description = "http://host:port,...")
  String[] endpoints;

  @Option(
      names = "--connections",
      defaultValue = "1",
      description = "jetcd clients to spread the load over (${DEFAULT-VALUE})")
  int connections;

  @Option(
      names = "--name",
      defaultValue = "etcd",
      description = "what the result calls the system (${DEFAULT-VALUE})")
  String name;

  @Mixin
  LoadOptions load = new LoadOptions();

  /** Runs the program. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new EtcdLoad())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .execute(args));
  }

  @Override
  public Integer call() throws InterruptedException {
    ResultOutput output = ResultOutput.claim();
    List<Client> clients = new ArrayList<>();
    for (int i = 0; i < connections; i++) {
      clients.add(Client.builder().endpoints(endpoints).build());
    }
    try (KeyValueClient client = new Clients(clients, load.watches())) {
      return new LoadRun(name, client, load, output).run();
    }
  }
}
