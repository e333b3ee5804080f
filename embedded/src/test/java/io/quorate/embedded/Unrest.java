package io.quorate.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.model.Bytes;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import org.awaitility.Awaitility;

/**
 * Keeps the regions of a cluster moving while clients work: one leader after the other moves, and now and then a region is cut at
 * the next of the given keys. Its test's; a thread of its own.
 */
final class Unrest implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 60;
  /** Moves between two cuts. */
  private static final int MOVES_PER_CUT = 3;
  /** What clients get done between two moves: as much as they manage, so that a slow machine is not outrun. */
  private static final int TRAFFIC_PER_MOVE = 25;

  private final Disturbance disturbance;
  private final IntSupplier traffic;
  private final Deque<Bytes> cuts = new ArrayDeque<>();
  private final Random random = new Random(11);
  private final AtomicInteger moved = new AtomicInteger();
  private final AtomicInteger cut = new AtomicInteger();
  private final Thread thread = new Thread(this::run, "unrest");
  private volatile boolean over;

  private Unrest(EmbeddedCluster cluster, IntSupplier traffic, List<Bytes> cuts) {
    this.disturbance = new Disturbance(cluster);
    this.traffic = traffic;
    this.cuts.addAll(cuts);
  }

  /**
   * Begins; cuts come in the order of the keys, until there are no more.
   *
   * @param traffic counts what clients get done
   */
  static Unrest begin(EmbeddedCluster cluster, IntSupplier traffic, String... cuts) {
    Unrest unrest = new Unrest(cluster, traffic, SplitKeys.of(List.of(cuts)));
    unrest.thread.start();
    return unrest;
  }

  int moves() {
    return moved.get();
  }

  int cuts() {
    return cut.get();
  }

  private void run() {
    for (int round = 1; !over; round++) {
      awaitTraffic();
      if (disturbance.tryTransfer(random)) {
        moved.incrementAndGet();
      }
      if (round % MOVES_PER_CUT == 0 && !cuts.isEmpty() && disturbance.trySplit(cuts.getFirst())) {
        cuts.removeFirst();
        cut.incrementAndGet();
      }
    }
  }

  private void awaitTraffic() {
    int enough = traffic.getAsInt() + TRAFFIC_PER_MOVE;
    Awaitility.await()
        .forever()
        .pollInterval(10, TimeUnit.MILLISECONDS)
        .until(() -> over || traffic.getAsInt() >= enough);
  }

  /** Ends it; by then there has been some. */
  @Override
  public void close() {
    over = true;
    Awaitility.await().atMost(PATIENCE_SECONDS, TimeUnit.SECONDS).until(() -> !thread.isAlive());
    assertThat(moved.get()).as("leaders that moved").isPositive();
  }
}
