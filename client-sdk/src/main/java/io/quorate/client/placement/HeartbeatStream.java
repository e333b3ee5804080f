package io.quorate.client.placement;

import io.quorate.proto.HeartbeatRequest;
import io.quorate.proto.HeartbeatResponse;
import io.quorate.proto.PlacementServiceGrpc;
import java.util.concurrent.ScheduledExecutorService;

/**
 * A store's heartbeats to whoever leads PD. Owned by the store; sending is safe on any thread, the
 * listener is called on the placement client's loop.
 */
public final class HeartbeatStream implements AutoCloseable {
  private final LeaderFinder finder;
  private final ScheduledExecutorService loop;
  private final LeaderStream<HeartbeatRequest, HeartbeatResponse> stream;

  HeartbeatStream(
      LeaderFinder finder,
      PlacementClientConfig config,
      ScheduledExecutorService loop,
      HeartbeatListener listener) {
    this.finder = finder;
    this.loop = loop;
    this.stream = new LeaderStream<>(
        finder,
        config,
        loop,
        PlacementServiceGrpc.getHeartbeatMethod(),
        HeartbeatResponse::getError,
        new LeaderStream.Handler<HeartbeatResponse>() {
          @Override
          public void opened() {
            listener.opened();
          }

          @Override
          public void received(HeartbeatResponse message) {
            listener.answered(message);
          }

          @Override
          public void ready() {
            // A beat that finds the stream unready is dropped: the next one says the same and more.
          }

          @Override
          public void broken(String why) {
            listener.broken(why);
          }

          @Override
          public void disbelieved(String why) {
            listener.disbelieved(why);
          }
        });
  }

  void start() {
    loop.execute(stream::start);
  }

  /**
   * Sends a beat; the envelope is filled in. A beat is dropped if no stream is open: {@link
   * HeartbeatListener#opened} then asks for a full one.
   */
  public void send(HeartbeatRequest.Builder beat) {
    loop.execute(() -> {
      if (stream.isOpen()) {
        stream.send(beat.setEnvelope(finder.identity().envelope()).build());
      }
    });
  }

  @Override
  public void close() {
    loop.execute(stream::close);
  }
}
