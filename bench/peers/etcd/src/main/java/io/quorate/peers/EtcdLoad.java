package io.quorate.peers;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.KeyValue;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
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
  /** Some jetcd clients that take turns. */
  private static final class Clients implements KeyValueClient {
    private final List<Client> clients;
    private final List<KV> stores;
    private final AtomicInteger turn = new AtomicInteger();

    Clients(List<Client> clients) {
      this.clients = clients;
      this.stores = clients.stream().map(Client::getKVClient).toList();
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
    try (KeyValueClient client = new Clients(clients)) {
      return new LoadRun(name, client, load, output).run();
    }
  }
}
