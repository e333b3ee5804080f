package io.quorate.embedded;

import io.quorate.model.Bytes;
import io.quorate.model.Peer;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionId;
import io.quorate.raft.LogException;
import io.quorate.region.command.Split;
import io.quorate.region.host.RegionHost;
import io.quorate.region.storage.RegionSum;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;

/** Cuts regions of a cluster of three stores and moves their leaders, as PD would: again, where a leader has just changed. */
final class Disturbance {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final EmbeddedCluster cluster;

  Disturbance(EmbeddedCluster cluster) {
    this.cluster = cluster;
  }

  List<RegionHost> leaders() {
    return IntStream.rangeClosed(1, 3)
        .mapToObj(cluster::store)
        .flatMap(Optional::stream)
        .flatMap(store -> store.engine().led().stream())
        .toList();
  }

  RegionHost leaderOf(Bytes key) {
    return Awaitility.await()
        .atMost(PATIENCE)
        .until(
            () -> leaders().stream()
                .filter(region -> region.descriptor().range().contains(key))
                .findFirst(),
            Optional::isPresent)
        .orElseThrow();
  }

  /** Returns when some region begins at the key. */
  void split(Bytes at) {
    Awaitility.await("split at " + at).atMost(PATIENCE).until(() -> trySplit(at));
  }

  /** Whether some region begins at the key now: a leader that is just on its way elsewhere refuses. */
  boolean trySplit(Bytes at) {
    RegionHost region = leaderOf(at);
    RegionDescriptor whole = region.descriptor();
    if (whole.range().start().equals(at)) {
      return true;
    }
    long last = cluster.client().placement().allocateIds(4).join();
    Split.Cut cut = new Split.Cut(at, new RegionId(last), List.of(last - 1, last - 2, last - 3));
    return done(region.split(new Split(whole.epoch(), List.of(cut))));
  }

  /** Whether the region's leader handed over to another replica. */
  boolean tryTransfer(RegionHost region, Random random) {
    List<Peer> others = region.descriptor().peers().stream()
        .filter(peer -> peer.replica() != region.selfReplica())
        .toList();
    return done(region.transferLeadership(others.get(random.nextInt(others.size()))));
  }

  /** The same for any of the regions. */
  boolean tryTransfer(Random random) {
    List<RegionHost> all = leaders();
    return !all.isEmpty() && tryTransfer(all.get(random.nextInt(all.size())), random);
  }

  /** The leader's checksum of the key's region; its replicas compare theirs at the same entry. */
  RegionSum.Sum sum(Bytes key) {
    return Awaitility.await()
        .atMost(PATIENCE)
        .ignoreExceptionsMatching(failure -> failure.getCause() instanceof LogException)
        .until(() -> leaderOf(key).check(0).get(60, TimeUnit.SECONDS), Objects::nonNull);
  }

  private static boolean done(CompletableFuture<?> change) {
    return change
        .handle((done, failure) -> failure == null)
        .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
        .join();
  }
}
