package io.quorate.client.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.client.retry.Failure;
import io.quorate.client.sim.SimCluster;
import io.quorate.client.transport.ChannelFactory;
import io.quorate.client.transport.Endpoint;
import io.quorate.client.transport.TransportConfig;
import io.quorate.model.StoreDescriptor;
import io.quorate.model.StoreId;
import io.quorate.proto.Envelope;
import io.quorate.proto.Request;
import io.quorate.proto.Response;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The stream to one store, without the client above it. */
class StoreConnectionTest {
  private static final int CHAIN = 200;

  /** A request that sends the next one the moment it hears its answer, on the loop. */
  private static final class Chained extends StoreCall {
    private final StoreConnection connection;
    private final int left;
    private final CompletableFuture<String> end;

    Chained(StoreConnection connection, int left, CompletableFuture<String> end) {
      this.connection = connection;
      this.left = left;
      this.end = end;
      setAttemptDeadlineNanos(System.nanoTime() + TimeUnit.SECONDS.toNanos(20));
    }

    @Override
    protected Request.Builder request(long nowNanos) {
      return Request.newBuilder();
    }

    @Override
    protected int sizeBytes() {
      return 1;
    }

    @Override
    protected void answered(Response response, Deliveries deliveries) {
      if (left == 0) {
        end.complete("answered");
      } else {
        connection.submit(new Chained(connection, left - 1, end));
      }
    }

    @Override
    protected void failed(Failure failure, Deliveries deliveries) {
      end.complete(left + " left: " + failure);
    }
  }

  @Test
  void placeIsFreeAgainWhenItsAnswerIsHeard() throws Exception {
    try (SimCluster cluster = new SimCluster(1);
        ChannelFactory channels = new ChannelFactory(TransportConfig.defaults(), "test-io")) {
      String address = "127.0.0.1:" + cluster.store(1).port();
      StoreDescriptor store = new StoreDescriptor(
          new StoreId(1), 1, address, address, Map.of(), StoreDescriptor.State.UP);
      try (StoreConnection connection = new StoreConnection(
          store,
          channels.open(Endpoint.parse(address)),
          Envelope.getDefaultInstance(),
          StoreLimits.defaults().withMaxInFlight(1),
          Runnable::run)) {
        CompletableFuture<String> end = new CompletableFuture<>();
        connection.submit(new Chained(connection, CHAIN, end));
        assertThat(end.get(60, TimeUnit.SECONDS)).isEqualTo("answered");
        assertThat(connection.outstanding()).isZero();
      }
    }
  }
}
