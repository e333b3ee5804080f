package io.quorate.peers;

import com.alipay.sofa.jraft.rhea.client.DefaultRheaKVStore;
import com.alipay.sofa.jraft.util.Endpoint;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** One RheaKV store process, up to the signal that ends it. */
@Command(
    name = "rhea-server",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Runs one RheaKV store.")
public final class RheaServer implements Callable<Integer> {
  @Mixin
  RheaCluster cluster = new RheaCluster();

  @Option(
      names = "--address",
      required = true,
      description = "this store, one of the peers: host:port")
  String address;

  @Option(names = "--dir", required = true, description = "where its data go")
  Path directory;

  @Option(
      names = "--keys",
      defaultValue = "100000",
      description = "keys of the load; decides where regions begin (${DEFAULT-VALUE})")
  int keys;

  /** Runs the program. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new RheaServer()).execute(args));
  }

  @Override
  public Integer call() throws InterruptedException {
    int colon = address.lastIndexOf(':');
    Endpoint endpoint =
        new Endpoint(address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)));
    DefaultRheaKVStore store = new DefaultRheaKVStore();
    if (!store.init(cluster.store(endpoint, directory, keys))) {
      System.err.println("RheaKV did not start; its log says why");
      return 1;
    }
    Runtime.getRuntime().addShutdownHook(new Thread(store::shutdown, "shutdown"));
    System.err.println("serving " + address);
    new CountDownLatch(1).await();
    return 0;
  }
}
