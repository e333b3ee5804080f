package io.quorate.cli.soak;

import io.quorate.client.placement.AdminClient;
import io.quorate.client.placement.PlacementClient;
import io.quorate.client.placement.PlacementClientConfig;
import io.quorate.client.placement.PlacementException;
import io.quorate.client.transport.ChannelFactory;
import io.quorate.client.transport.Endpoint;
import io.quorate.client.transport.TransportConfig;
import io.quorate.model.RegionId;
import io.quorate.proto.OperatorStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Orders changes of regions, several at a time, until so many were seen done. What fails, is refused or forgotten is counted and
 * another is drawn. Owned by one round; threads of its own.
 */
final class ChangeLoop implements AutoCloseable {
  private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final int ENDED_LISTED = 256;

  /**
   * What is wanted of a round.
   *
   * @param wanted changes that must be seen done; 0 for none
   * @param kinds drawn from; one that stands there twice is drawn twice as often
   * @param workers changes under way at a time
   * @param patience with one change
   * @param pause of each worker after a change
   */
  record Quota(int wanted, List<Change> kinds, int workers, Duration patience, Duration pause) {
    Quota {
      kinds = List.copyOf(kinds);
    }
  }

  private final Quota quota;
  private final MapLoop map;
  private final ChangeDraw draw;
  private final Disturbances disturbances;
  private final ChannelFactory channels =
      new ChannelFactory(TransportConfig.defaults(), "changes-io");
  private final PlacementClient placement;
  private final List<Thread> threads = new ArrayList<>();
  private final Map<String, Long> counts = new TreeMap<>();
  /** Regions that a worker's change is for: another one would end it. */
  private final Set<RegionId> taken = ConcurrentHashMap.newKeySet();

  private int done;
  private volatile boolean stopped;

  ChangeLoop(String pdAddresses, Quota quota, MapLoop map, ChangeDraw draw, long seed) {
    this(pdAddresses, quota, map, draw, new Disturbances(), seed);
  }

  /** As above; each change that is ordered is noted as a disturbance. */
  ChangeLoop(
      String pdAddresses,
      Quota quota,
      MapLoop map,
      ChangeDraw draw,
      Disturbances disturbances,
      long seed) {
    this.quota = quota;
    this.map = map;
    this.disturbances = disturbances;
    this.draw = draw;
    this.placement = PlacementClient.connect(
        PlacementClientConfig.defaults(Endpoint.parseList(pdAddresses), 0), channels);
    SplittableRandom seeds = new SplittableRandom(seed);
    for (int number = 0; quota.wanted() > 0 && number < quota.workers(); number++) {
      SplittableRandom random = seeds.split();
      Thread thread = new Thread(() -> run(random), "changes-" + number);
      thread.setDaemon(true);
      threads.add(thread);
      thread.start();
    }
  }

  private void run(SplittableRandom random) {
    while (!stopped && !isDone()) {
      Change kind = quota.kinds().get(random.nextInt(quota.kinds().size()));
      Optional<ChangeDraw.Drawn> drawn = draw.draw(kind, map.regions(), map.serving(), random);
      if (drawn.isEmpty() || !taken.add(drawn.get().region())) {
        LockSupport.parkNanos(LOOK_AGAIN_NANOS);
        continue;
      }
      Runnable end = disturbances.begin();
      try {
        List<OperatorStatus> ordered = order(placement.admin(), drawn.get()).join();
        count(kind, ordered.isEmpty() ? "refused" : await(ordered.get(0)));
      } catch (PlacementException | CompletionException e) {
        count(kind, "refused");
        LockSupport.parkNanos(LOOK_AGAIN_NANOS);
      } finally {
        end.run();
        taken.remove(drawn.get().region());
      }
      LockSupport.parkNanos(quota.pause().toNanos());
    }
  }

  private static CompletableFuture<List<OperatorStatus>> order(
      AdminClient admin, ChangeDraw.Drawn drawn) {
    return switch (drawn.change()) {
      case SPLIT -> admin.split(List.of(drawn.key()), false);
      case MERGE -> admin.merge(drawn.region());
      case TRANSFER -> admin.transferLeader(drawn.region(), drawn.to());
      case MOVE -> admin.movePeer(drawn.region(), drawn.from(), drawn.to());
    };
  }

  /** How it ended; a new leader of the placement drivers knows nothing of it. */
  private String await(OperatorStatus ordered) {
    long deadline = System.nanoTime() + quota.patience().toNanos();
    while (!stopped && System.nanoTime() - deadline < 0) {
      LockSupport.parkNanos(LOOK_AGAIN_NANOS);
      try {
        Optional<OperatorStatus> now = placement.admin().listOperators(ENDED_LISTED).join().stream()
            .filter(operator -> operator.getNumber() == ordered.getNumber()
                && operator.getRegionId() == ordered.getRegionId())
            .findFirst();
        if (now.isEmpty()) {
          return "forgotten";
        }
        if (now.get().getState() != OperatorStatus.State.RUNNING) {
          return now.get().getState().name().toLowerCase(Locale.ROOT);
        }
      } catch (PlacementException | CompletionException e) {
        // Nobody leads for now: it is looked for again.
        LockSupport.parkNanos(LOOK_AGAIN_NANOS);
      }
    }
    return stopped ? "abandoned" : "unended";
  }

  private synchronized void count(Change kind, String how) {
    String name = kind.name().toLowerCase(Locale.ROOT);
    counts.merge("changes_" + name + "_" + how, 1L, Long::sum);
    if (how.equals("success")) {
      done++;
      counts.merge("changes", 1L, Long::sum);
    }
  }

  synchronized boolean isDone() {
    return done >= quota.wanted();
  }

  /** By kind and how they ended; all that succeeded under the name "changes". */
  synchronized Map<String, Long> counts() {
    return new TreeMap<>(counts);
  }

  /** Ends the ordering; what is under way goes on without being watched. */
  void stop() {
    if (stopped) {
      return;
    }
    stopped = true;
    try {
      for (Thread thread : threads) {
        LockSupport.unpark(thread);
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    stop();
    placement.close();
    channels.close();
  }
}
