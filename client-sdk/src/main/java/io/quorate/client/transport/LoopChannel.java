package io.quorate.client.transport;

import io.grpc.ManagedChannel;
import java.util.concurrent.ScheduledExecutorService;

/**
 * A channel and the one thread that reads it: callbacks of its calls run on {@code loop}, and what
 * is confined to the loop needs no lock.
 *
 * @param channel owned by whoever opened it
 * @param loop owned by the factory; must never be blocked nor shut down
 */
public record LoopChannel(ManagedChannel channel, ScheduledExecutorService loop)
    implements AutoCloseable {
  /** Ends all calls at once. */
  @Override
  public void close() {
    channel.shutdownNow();
  }
}
