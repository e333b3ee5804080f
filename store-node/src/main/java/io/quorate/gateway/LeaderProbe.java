package io.quorate.gateway;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.quorate.client.QuorateClient;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Keeps the promise of calls that carry {@code hasleader}: they are refused, and streams are ended, while nobody leads (etcd
 * server/etcdserver/api/v3rpc/interceptor.go). Leading is the placement driver, without which nothing is answered. Owned by a
 * gateway; a thread of its own asks, and only while streams want to know.
 */
final class LeaderProbe implements ServerInterceptor, AutoCloseable {
  private static final Metadata.Key<String> HAS_LEADER =
      Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER);
  private static final Status NO_LEADER =
      Status.UNAVAILABLE.withDescription("etcdserver: no leader");

  /** How often is asked. */
  private static final Duration EVERY = Duration.ofMillis(500);

  /** After so long without an answer nobody leads: three of etcd's election timeouts. */
  private static final Duration SILENCE_MAX = Duration.ofSeconds(3);

  private final QuorateClient client;
  private final Set<EndableCall<?, ?>> streams = ConcurrentHashMap.newKeySet();
  private final ScheduledExecutorService thread;
  private volatile long heardNanos = System.nanoTime();
  private volatile boolean lost;

  LeaderProbe(QuorateClient client) {
    this.client = client;
    this.thread = Executors.newSingleThreadScheduledExecutor(task -> {
      Thread made = new Thread(task, "etcd-leader-probe");
      made.setDaemon(true);
      return made;
    });
    long every = EVERY.toMillis();
    var unused = thread.scheduleWithFixedDelay(this::look, every, every, TimeUnit.MILLISECONDS);
  }

  private void look() {
    if (streams.isEmpty() && !lost) {
      heardNanos = System.nanoTime();
      return;
    }
    var unused = client.placement().oracle().current().thenAccept(now -> {
      heardNanos = System.nanoTime();
      lost = false;
    });
    if (System.nanoTime() - heardNanos > SILENCE_MAX.toNanos()) {
      lost = true;
      streams.forEach(stream -> {
        streams.remove(stream);
        stream.end(NO_LEADER);
      });
    }
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    if (!"true".equals(headers.get(HAS_LEADER))) {
      return next.startCall(call, headers);
    }
    if (lost) {
      call.close(NO_LEADER, new Metadata());
      return new ServerCall.Listener<>() {};
    }
    if (call.getMethodDescriptor().getType().serverSendsOneMessage()) {
      return next.startCall(call, headers);
    }
    EndableCall<Q, A> stream = new EndableCall<>(call);
    streams.add(stream);
    return stream.listen(next.startCall(stream, headers), () -> streams.remove(stream));
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
