package io.quorate.cli.soak;

import io.quorate.client.PutOptions;
import io.quorate.client.QuorateClient;
import io.quorate.client.QuorateException;
import io.quorate.client.lease.LeaseStatus;
import io.quorate.model.Bytes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.LockSupport;

/**
 * A lease with a thousand keys over all regions, revoked while the store of its home is killed: at its end no key may be left, and
 * none may have gone while the lease could be kept alive. One use; its caller's thread waits.
 */
final class BigLease {
  private static final int KEYS = 1_000;
  private static final long TTL_SECONDS = 600;
  private static final long LOOK_NANOS = 5_000_000;
  /** The kill comes somewhere between the sending of the revocation and its end. */
  private static final long KILL_NANOS_MAX = 150_000_000;

  private final QuorateClient client;
  private final FaultHost host;
  private final LoadKeys keys;
  private final Duration patience;
  private final Random random;
  private final List<Bytes> put = new ArrayList<>();

  BigLease(QuorateClient client, FaultHost host, LoadKeys keys, Duration patience, Random random) {
    this.client = client;
    this.host = host;
    this.keys = keys;
    this.patience = patience;
    this.random = random;
  }

  /** What was broken. */
  List<String> run() {
    long lease = grant();
    fill(lease);
    CompletableFuture<Void> revoked = client.leases().revoke(lease);
    LockSupport.parkNanos(random.nextLong(KILL_NANOS_MAX));
    host.killLeaderOf(LeaseIds.home(lease));
    List<String> broken = new ArrayList<>();
    look(lease, broken);
    host.heal(Fault.KILL_STORE, List.of());
    watchItEnd(lease, revoked, broken);
    return broken;
  }

  /** One whose grant was not answered ends by itself. */
  private long grant() {
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      try {
        return client.leases().grant(TTL_SECONDS).join().id();
      } catch (CompletionException e) {
        if (deadline - System.nanoTime() <= 0) {
          throw e;
        }
        LockSupport.parkNanos(LOOK_NANOS);
      }
    }
  }

  private void fill(long lease) {
    List<CompletableFuture<?>> puts = new ArrayList<>();
    for (int i = 0; i < KEYS; i++) {
      Bytes key = keys.bytes(i % keys.count())
          .concat(Bytes.utf8("/big/" + Long.toHexString(lease) + "/" + i));
      puts.add(client
          .put(key, Bytes.utf8("v"), PutOptions.DEFAULT.withLease(lease))
          .handle((done, failure) -> failure == null && put(key)));
    }
    puts.forEach(CompletableFuture::join);
  }

  private synchronized boolean put(Bytes key) {
    return put.add(key);
  }

  private void watchItEnd(long lease, CompletableFuture<Void> first, List<String> broken) {
    CompletableFuture<Void> revoked = first;
    long deadline = System.nanoTime() + patience.toNanos();
    while (deadline - System.nanoTime() > 0) {
      if (revoked.isCompletedExceptionally()) {
        // Of unknown fate, or gone already: asked for again, twice is as good as once.
        revoked = client.leases().revoke(lease);
      }
      if (look(lease, broken)) {
        return;
      }
      LockSupport.parkNanos(LOOK_NANOS);
    }
    broken.add("RevokedIsGone: lease " + Long.toHexString(lease) + " with " + put.size()
        + " keys still has " + alive() + " keys after " + patience);
  }

  /** Whether lease and keys are gone; some things must never be seen together. */
  private boolean look(long lease, List<String> broken) {
    try {
      LeaseStatus status = client.leases().timeToLive(lease, false).join();
      long there = alive();
      if (!status.exists() && there > 0) {
        broken.add("NoKeyIsLeft: lease " + Long.toHexString(lease) + " is gone, and has " + there
            + " keys of " + put.size());
      }
      if (there < put.size()) {
        long kept = client.leases().keepAliveOnce(lease).join();
        if (kept > 0) {
          broken.add("NoKeyGoesAlone: lease " + Long.toHexString(lease) + " has " + there
              + " keys of " + put.size() + ", and is kept alive for " + kept + " s");
        }
      }
      return !status.exists() && there == 0;
    } catch (CompletionException | QuorateException e) {
      // Could not be looked at for now.
      return false;
    }
  }

  private long alive() {
    List<CompletableFuture<Boolean>> reads = put.stream()
        .map(key -> client.get(key).thenApply(found -> found.isPresent()))
        .toList();
    return reads.stream().filter(CompletableFuture::join).count();
  }
}
