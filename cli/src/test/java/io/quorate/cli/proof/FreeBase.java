package io.quorate.cli.proof;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;

/** Base ports of clusters, thirty ports from each on free at the moment. */
final class FreeBase {
  private FreeBase() {}

  static int port() {
    while (true) {
      int base = ThreadLocalRandom.current().nextInt(20_000, 32_000);
      if (IntStream.range(base, base + 30).allMatch(FreeBase::isFree)) {
        return base;
      }
    }
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort() == port;
    } catch (IOException taken) {
      return false;
    }
  }
}
