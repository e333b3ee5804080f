package io.quorate.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.stub.StreamObserver;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What comes on a stream of a test, one by one. Filled on gRPC's threads, emptied on the test's. */
public final class HeardAnswers<T> implements StreamObserver<T> {
  private static final long PATIENCE_SECONDS = 60;

  private final BlockingQueue<T> messages = new LinkedBlockingQueue<>();
  private final CompletableFuture<Throwable> failure = new CompletableFuture<>();

  @Override
  public void onNext(T message) {
    messages.add(message);
  }

  @Override
  public void onError(Throwable thrown) {
    failure.complete(thrown);
  }

  @Override
  public void onCompleted() {}

  /** The next one, which has to come. */
  public T next() throws InterruptedException {
    T message = messages.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    assertThat(message).as("nothing came, %s", failure.getNow(null)).isNotNull();
    return message;
  }

  /** The next one if it comes soon. */
  public @Nullable T poll(long millis) throws InterruptedException {
    return messages.poll(millis, TimeUnit.MILLISECONDS);
  }

  /** What the stream ends with. */
  public Throwable failure() throws Exception {
    return failure.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }
}
