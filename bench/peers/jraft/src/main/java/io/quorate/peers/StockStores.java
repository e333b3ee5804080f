package io.quorate.peers;

import com.alipay.remoting.rpc.RpcServer;
import com.alipay.sofa.jraft.JRaftUtils;
import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.option.NodeOptions;
import com.alipay.sofa.jraft.rpc.RaftRpcServerFactory;
import com.alipay.sofa.jraft.rpc.impl.BoltRpcServer;
import com.alipay.sofa.jraft.util.Endpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The three stores of this JVM: a Bolt server on loopback and a directory for each. */
final class StockStores {
  private static final String LOOPBACK = "127.0.0.1";
  private static final int STORES = 3;
  private static final int DELETE_ATTEMPTS = 10;

  private StockStores() {}

  /** Starts them, each as RaftGroupService would start it, but on loopback only. */
  static List<StockGroup.Store> start(Path directory) throws IOException {
    NodeOptions defaults = new NodeOptions();
    List<StockGroup.Store> stores = new ArrayList<>();
    for (int port : freePorts()) {
      BoltRpcServer server = new BoltRpcServer(new RpcServer(LOOPBACK, port, true));
      RaftRpcServerFactory.addRaftRequestProcessors(
          server,
          JRaftUtils.createExecutor("RAFT-RPC-executor-", defaults.getRaftRpcThreadPoolSize()),
          JRaftUtils.createExecutor("CLI-RPC-executor-", defaults.getCliRpcThreadPoolSize()));
      if (!server.init(null)) {
        throw new IllegalStateException("no RPC server on port " + port);
      }
      PeerId peer = new PeerId(new Endpoint(LOOPBACK, port), 0);
      stores.add(new StockGroup.Store(peer, server, directory.resolve("store-" + port)));
    }
    return List.copyOf(stores);
  }

  /** Ports that were free a moment ago, all different because they are held together. */
  private static List<Integer> freePorts() throws IOException {
    List<ServerSocket> held = new ArrayList<>();
    try {
      for (int i = 0; i < STORES; i++) {
        held.add(new ServerSocket(0, 1, InetAddress.getByName(LOOPBACK)));
      }
      return held.stream().map(ServerSocket::getLocalPort).toList();
    } finally {
      for (ServerSocket socket : held) {
        socket.close();
      }
    }
  }

  /** Deletes a directory; tries again where groups that still run put new files into it. */
  static void delete(Path directory) {
    for (int attempt = 0; attempt < DELETE_ATTEMPTS && Files.exists(directory); attempt++) {
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(file);
        }
      } catch (IOException | UncheckedIOException e) {
        System.err.println("deleting " + directory + ": " + e);
      }
    }
  }
}
