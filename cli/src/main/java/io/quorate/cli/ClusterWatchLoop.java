package io.quorate.cli;

import io.quorate.auth.ClusterKey;
import io.quorate.client.Credentials;
import io.quorate.embedded.NotServingException;
import io.quorate.embedded.ReadinessLoop;
import java.time.Duration;

/**
 * Waits until a local cluster of processes serves, or one of them has died. Thread: the command's, which it blocks.
 *
 * @param cluster where it lives
 * @param layout what belongs to it
 */
record ClusterWatchLoop(ClusterHost cluster, ClusterLayout layout) {
  void awaitServing(Duration timeout) {
    new ReadinessLoop(
            layout.pdAddresses(),
            layout
                .keyFile()
                .map(cluster.directory()::resolve)
                .map(ClusterKey::read)
                .map(Credentials::system))
        .await(timeout, this::giveUpIfOneDied);
  }

  private void giveUpIfOneDied() {
    for (String name : layout.names()) {
      ProcessHost process = cluster.process(name);
      if (process.running().isEmpty()) {
        throw new NotServingException(
            name + " did not start: " + process.lastWords() + " (see " + process.logFile() + ")");
      }
    }
  }
}
