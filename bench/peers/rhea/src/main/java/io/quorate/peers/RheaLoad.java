package io.quorate.peers;

import com.alipay.sofa.jraft.rhea.client.DefaultRheaKVStore;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The closed loop against RheaKV, through its own client. */
@Command(
    name = "rhea-load",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Loads a RheaKV cluster.")
public final class RheaLoad implements Callable<Integer> {
  /** RheaKV's client, in the load generator's terms. */
  private record Client(DefaultRheaKVStore store) implements KeyValueClient {
    @Override
    public CompletableFuture<?> put(byte[] key, byte[] value) {
      return store.put(key, value).thenApply(accepted -> {
        if (!accepted) {
          throw new IllegalStateException("put was refused");
        }
        return accepted;
      });
    }

    @Override
    public CompletableFuture<byte[]> get(byte[] key) {
      boolean readOnlySafe = true;
      return store.get(key, readOnlySafe);
    }

    @Override
    public void close() {
      store.shutdown();
    }
  }

  @Mixin
  RheaCluster cluster = new RheaCluster();

  @Mixin
  LoadOptions load = new LoadOptions();

  @Option(
      names = "--batching",
      negatable = true,
      defaultValue = "true",
      fallbackValue = "true",
      description = "let RheaKV's client batch (${DEFAULT-VALUE})")
  boolean batching;

  /** Runs the program. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new RheaLoad())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .execute(args));
  }

  @Override
  public Integer call() throws InterruptedException {
    ResultOutput output = ResultOutput.claim();
    DefaultRheaKVStore store = new DefaultRheaKVStore();
    if (!store.init(cluster.client(load.keys(), batching))) {
      throw new IllegalStateException("RheaKV's client did not start; its log says why");
    }
    try (KeyValueClient client = new Client(store)) {
      String name = "rheakv" + (cluster.regions == 1 ? "" : "-" + cluster.regions + "-regions")
          + (batching ? "" : "-unbatched");
      return new LoadRun(name, client, load, output).run();
    }
  }
}
