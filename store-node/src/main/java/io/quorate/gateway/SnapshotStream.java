package io.quorate.gateway;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.grpc.stub.ServerCallStreamObserver;
import io.quorate.client.PageReader;
import io.quorate.client.QuorateClient;
import io.quorate.client.RangeOptions;
import io.quorate.client.RangeResult;
import io.quorate.client.backup.BackupBlock;
import io.quorate.client.backup.SnapshotFile;
import io.quorate.client.placement.HistoryClient;
import io.quorate.model.KeyRange;
import io.quorate.proto.etcd.SnapshotResponse;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One snapshot on its way to a client: all keys as of one revision, which a barrier holds, page by page as the client takes them.
 * Made for one call. Thread: one step at a time, on the SDK's callback threads or the transport's.
 */
final class SnapshotStream {
  /** A client that takes nothing for so long loses its snapshot if the past is compacted meanwhile. */
  private static final Duration BARRIER_TTL = Duration.ofMinutes(5);

  private static final Duration RENEW_EVERY = Duration.ofMinutes(1);
  private static final Duration PAGE_TIMEOUT = Duration.ofSeconds(30);
  private static final int BLOB_BYTES = 1 << 20;

  private final QuorateClient client;
  private final HistoryClient history;
  private final ServerCallStreamObserver<SnapshotResponse> call;
  private final Runnable onEnd;
  private final String barrier =
      "snapshot-" + Long.toHexString(ThreadLocalRandom.current().nextLong());
  private final MessageDigest sum;
  /** Set while a page is on its way, and for good once the call has ended. */
  private final AtomicBoolean busy = new AtomicBoolean(true);

  private final AtomicBoolean over = new AtomicBoolean();

  // Of the step that runs.
  private @Nullable PageReader pages;
  private long estimate;
  private long sent;
  private long keys;
  private long renewedNanos = System.nanoTime();

  /**
   * A snapshot for a call that has just come.
   *
   * @param onEnd runs once, when the call is over
   */
  SnapshotStream(
      QuorateClient client, ServerCallStreamObserver<SnapshotResponse> call, Runnable onEnd) {
    this.client = client;
    this.history = client.placement().history();
    this.call = call;
    this.onEnd = onEnd;
    try {
      this.sum = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  void begin() {
    call.setOnReadyHandler(this::step);
    call.setOnCancelHandler(this::end);
    var unused = client
        .placement()
        .lookup(KeyRange.ALL, 0)
        .thenCombine(
            history.hold(barrier, "etcd snapshot", 0, BARRIER_TTL), (listing, revision) -> {
              estimate = listing.regions().stream()
                  .mapToLong(region -> region.approximateBytes())
                  .sum();
              return revision;
            })
        .whenComplete((revision, failure) -> {
          if (failure != null) {
            fail(failure);
          } else {
            start(revision);
          }
        });
  }

  private void start(long revision) {
    pages = client.pages(
        KeyRange.ALL,
        RangeOptions.DEFAULT.at(revision).withBelowCompacted().withTimeout(PAGE_TIMEOUT));
    send(new SnapshotFile.Head(client.placement().clusterId(), revision, System.currentTimeMillis())
        .encode());
    busy.set(false);
    step();
  }

  private void step() {
    PageReader reader = pages;
    if (reader == null || over.get() || !call.isReady() || !busy.compareAndSet(false, true)) {
      return;
    }
    renew();
    var unused = reader.next().whenComplete((page, failure) -> {
      if (failure != null) {
        fail(failure);
      } else if (page.isPresent()) {
        add(page);
      } else {
        finish();
      }
    });
  }

  private void renew() {
    long now = System.nanoTime();
    if (now - renewedNanos > RENEW_EVERY.toNanos()) {
      renewedNanos = now;
      // One that is too late shows in the next page, which is refused.
      var unused = history.renew(barrier);
    }
  }

  private void add(Optional<RangeResult> page) {
    keys += page.orElseThrow().kvs().size();
    send(BackupBlock.encode(page.orElseThrow().kvs()));
    busy.set(false);
    step();
  }

  private void send(byte[] bytes) {
    sum.update(bytes);
    for (int from = 0; from < bytes.length; from += BLOB_BYTES) {
      int length = Math.min(BLOB_BYTES, bytes.length - from);
      sent += length;
      // Nobody knows how much it will be before it is read; it is only said to be over when it is.
      tell(Math.max(1, estimate - sent), UnsafeByteOperations.unsafeWrap(bytes, from, length));
    }
  }

  private void tell(long remaining, ByteString blob) {
    if (!over.get()) {
      call.onNext(SnapshotResponse.newBuilder()
          .setRemainingBytes(remaining)
          .setBlob(blob)
          .build());
    }
  }

  private void finish() {
    byte[] end = SnapshotFile.end(sent, keys);
    sum.update(end);
    tell(SnapshotFile.SUM_BYTES, UnsafeByteOperations.unsafeWrap(end));
    tell(0, UnsafeByteOperations.unsafeWrap(sum.digest()));
    if (end()) {
      call.onCompleted();
    }
  }

  private void fail(Throwable why) {
    if (end()) {
      call.onError(EtcdErrors.of(why));
    }
  }

  /** Whether it was not over yet. */
  private boolean end() {
    if (!over.compareAndSet(false, true)) {
      return false;
    }
    var unused = history.release(barrier);
    onEnd.run();
    return true;
  }
}
