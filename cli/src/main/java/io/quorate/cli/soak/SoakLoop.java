package io.quorate.cli.soak;

import io.quorate.client.ClientConfig;
import io.quorate.client.QuorateClient;
import io.quorate.client.RangeResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Rounds of load and faults on one cluster, each judged as a history that begins where the one before ended. Thread: its
 * caller's, which it blocks; the load has threads of its own.
 */
public final class SoakLoop {
  private static final Duration LOOK_AGAIN = Duration.ofMillis(10);

  /** Room for the asks of a round between the values of its puts. */
  private static final long ASKS_MAX = 100_000_000;

  /**
   * How a round goes.
   *
   * @param threads that load the cluster
   * @param pause of each of them between two requests, and of those that ask stores and placement drivers directly
   * @param calm undisturbed load before the first fault and after each
   * @param down how long what is killed stays down, and what is paused stands still
   * @param recoveryMax how long the cluster may take to serve every region again
   */
  public record Pace(
      int threads, Duration pause, Duration calm, Duration down, Duration recoveryMax) {
    /** Without pauses: as fast as the cluster answers. */
    public Pace(int threads, Duration calm, Duration down, Duration recoveryMax) {
      this(threads, Duration.ZERO, calm, down, recoveryMax);
    }
  }

  /**
   * What is done to regions during a round.
   *
   * @param wanted changes that must be seen done; 0 for none
   * @param kinds drawn from; one that stands there twice is drawn twice as often
   * @param workers changes under way at a time
   * @param patience with all of them after the last fault, and with the cluster until it is whole again
   */
  public record Changes(int wanted, List<Change> kinds, int workers, Duration patience) {
    public static final Changes NONE = new Changes(0, List.of(), 0, Duration.ZERO);

    public Changes {
      kinds = List.copyOf(kinds);
    }

    ChangeLoop.Quota quota() {
      return new ChangeLoop.Quota(wanted, kinds, workers, Duration.ofSeconds(60), Duration.ZERO);
    }
  }

  /**
   * Transactions over many regions beside the load.
   *
   * @param regions that they are spread over, beside those of the load; 0 for none
   * @param threads whose client lives as long as the round
   * @param mortals threads whose clients end at any moment
   */
  public record Transactions(int regions, int threads, int mortals) {
    public static final Transactions NONE = new Transactions(0, 0, 0);

    Optional<TxnKeys> keys() {
      return regions == 0 ? Optional.empty() : Optional.of(new TxnKeys(regions));
    }

    /** Where their regions begin. */
    public List<String> splitKeys() {
      return keys().map(TxnKeys::splitKeys).orElse(List.of());
    }
  }

  private final Processes processes;
  private final LoadKeys keys;
  private final Pace pace;
  private final Changes changes;
  private final Transactions transactions;
  private final AtomicLong nextValue;
  private final List<Op> unsettled = new ArrayList<>();
  private List<Op> before;

  /**
   * Looks at what the cluster holds already; it must serve.
   *
   * @param firstValue greater than any value that a run before has put
   */
  public SoakLoop(Processes processes, LoadKeys keys, Pace pace, long firstValue) {
    this(processes, keys, pace, Changes.NONE, Transactions.NONE, firstValue);
  }

  /** As above, with transactions, and with regions that change meanwhile; after each such round all replicas are compared. */
  public SoakLoop(
      Processes processes,
      LoadKeys keys,
      Pace pace,
      Changes changes,
      Transactions transactions,
      long firstValue) {
    this.processes = processes;
    this.keys = keys;
    this.pace = pace;
    this.changes = changes;
    this.transactions = transactions;
    this.nextValue = new AtomicLong(firstValue);
    this.before = look();
  }

  /** One round with those faults, one after the other; the seed decides whom they strike. */
  public RoundReport round(long seed, List<Fault> faults) {
    List<RoundReport.Strike> strikes = new ArrayList<>();
    List<long[]> windows = new ArrayList<>();
    List<String> violations = new ArrayList<>();
    Map<String, Long> changed = new TreeMap<>();
    long began = System.nanoTime();
    Seen seen;
    Random random = new Random(seed);
    String pds = processes.pdAddresses();
    long txnSeed = random.nextLong() & Long.MAX_VALUE;
    try (FaultHost host = new FaultHost(processes, seed);
        MapLoop map = new MapLoop(pds, pace.recoveryMax());
        DirectReadLoop directReads = new DirectReadLoop(
            pds, keys, map, pace.pause(), changes.wanted() > 0, random.nextLong());
        DirectAskLoop directAsks =
            new DirectAskLoop(pds, pace.pause(), nextValue.getAndAdd(ASKS_MAX));
        LoadLoop load =
            new LoadLoop(pds, keys, nextValue, pace.threads(), pace.pause(), random.nextLong());
        TxnLoop txns = transact(txnSeed);
        ChangeLoop moves = new ChangeLoop(
            pds,
            changes.quota(),
            map,
            new ChangeDraw(keys, transactions.keys(), txnSeed),
            random.nextLong())) {
      park(pace.calm());
      for (Fault fault : faults) {
        strike(new Scene(host, load, directReads, directAsks), fault, strikes, windows, violations);
        park(pace.calm());
      }
      if (!await(moves::isDone, changes.patience())) {
        violations.add("ChangesGetDone: only " + moves.counts() + " within " + changes.patience());
      }
      moves.stop();
      if (txns != null) {
        txns.stop(changed, violations);
      }
      List<Op> ops = load.stop();
      changed.putAll(moves.counts());
      note(map, changed, violations);
      seen = new Seen(
          ops, directReads.stop(), directAsks.stop(), directReads.held(), load.failedReads());
      violations.addAll(load.unexpected());
    }
    Duration took = Duration.ofNanos(System.nanoTime() - began);
    if (changes.wanted() > 0) {
      SumsLoop.Sums sums = new SumsLoop(processes, changes.patience()).run();
      changed.put("regions_compared", sums.regions());
      violations.addAll(sums.wrong());
    }
    violations.addAll(judge(seen));
    return report(seed, took, seen, changed, silences(strikes, windows, seen.ops()), violations);
  }

  private @Nullable TxnLoop transact(long seed) {
    return transactions
        .keys()
        .map(txnKeys -> new TxnLoop(
            processes.pdAddresses(),
            txnKeys,
            transactions.threads(),
            transactions.mortals(),
            nextValue,
            seed))
        .orElse(null);
  }

  /** What the clients of a round did and saw. */
  private record Seen(
      List<Op> ops, List<Op> direct, List<Op> asks, long heldReads, long failedReads) {}

  private List<RoundReport.Strike> silences(
      List<RoundReport.Strike> strikes, List<long[]> windows, List<Op> ops) {
    List<RoundReport.Strike> judged = new ArrayList<>();
    for (int at = 0; at < strikes.size(); at++) {
      RoundReport.Strike strike = strikes.get(at);
      Duration silence = Silence.longest(ops, keys, windows.get(at)[0], windows.get(at)[1]);
      judged.add(new RoundReport.Strike(
          strike.fault(), strike.struck(), silence, strike.start(), strike.recovery()));
    }
    return judged;
  }

  private static RoundReport report(
      long seed,
      Duration took,
      Seen seen,
      Map<String, Long> changed,
      List<RoundReport.Strike> strikes,
      List<String> violations) {
    List<Op> ops = seen.ops();
    return new RoundReport(
        seed,
        took,
        count(ops, Op.Kind.PUT, Op.Outcome.OK),
        count(ops, Op.Kind.PUT, Op.Outcome.UNKNOWN),
        count(ops, Op.Kind.PUT, Op.Outcome.REFUSED),
        ops.stream().filter(op -> op.isRead() && op.snapshot() == 0).count(),
        ops.stream().filter(op -> op.isRead() && op.snapshot() > 0).count(),
        seen.direct().size(),
        seen.asks().size(),
        seen.heldReads(),
        seen.failedReads(),
        changed,
        strikes,
        violations);
  }

  private static void note(MapLoop map, Map<String, Long> to, List<String> violations) {
    to.put("maps", map.maps());
    to.put("map_holes", map.holes());
    to.put("map_longest_hole_ms", map.longestHole().toMillis());
    to.put("regions", (long) map.regions().size());
    violations.addAll(map.violations());
  }

  /** All that goes on during a round. */
  private record Scene(FaultHost host, LoadLoop load, DirectReadLoop reads, DirectAskLoop asks) {
    boolean inTouch(Processes processes, List<String> names, long since) {
      return names.stream()
          .allMatch(name -> processes.pds().contains(name)
              ? asks.inTouchSince(processes.address(name), since)
              : reads.inTouchSince(processes.address(name), since));
    }
  }

  private void strike(
      Scene scene,
      Fault fault,
      List<RoundReport.Strike> strikes,
      List<long[]> windows,
      List<String> violations) {
    long struckAt = System.nanoTime();
    List<String> struck = scene.host.strike(fault);
    park(pace.down());
    scene.host.heal(fault, struck);
    long healedAt = System.nanoTime();
    if (!await(() -> scene.inTouch(processes, struck, healedAt), pace.recoveryMax())) {
      violations.add(fault + " of " + struck + ": not all of them follow or lead again within "
          + pace.recoveryMax());
    }
    long startedAt = System.nanoTime();
    if (!await(() -> scene.load.everyRegionServedSince(healedAt), pace.recoveryMax())) {
      violations.add(
          fault + " of " + struck + ": not every region serves again within " + pace.recoveryMax());
    }
    long wellAt = System.nanoTime();
    windows.add(new long[] {struckAt, wellAt});
    strikes.add(new RoundReport.Strike(
        fault,
        struck,
        Duration.ZERO,
        Duration.ofNanos(startedAt - healedAt),
        Duration.ofNanos(wellAt - startedAt)));
  }

  private List<String> judge(Seen seen) {
    List<Op> all = new ArrayList<>(seen.ops());
    all.addAll(seen.direct());
    all.addAll(seen.asks());
    all.addAll(unsettled);
    List<Op> last = look();
    History history = new History(all, before, last);
    unsettled.clear();
    unsettled.addAll(history.unsettled());
    before = last;
    return Invariant.broken(history);
  }

  /** What every key holds, in one range over all regions. */
  private List<Op> look() {
    ClientConfig config = ClientConfig.of(processes.pdAddresses())
        .withTimeouts(pace.recoveryMax(), Duration.ofMillis(1500));
    try (QuorateClient client = QuorateClient.open(config)) {
      long began = System.nanoTime();
      RangeResult range = client.blocking().range(keys.whole());
      return LoadLoop.reads(keys, range, began, System.nanoTime());
    }
  }

  private static long count(List<Op> ops, Op.Kind kind, Op.Outcome outcome) {
    return ops.stream()
        .filter(op -> op.kind() == kind && op.outcome() == outcome)
        .count();
  }

  private static void park(Duration time) {
    await(() -> false, time);
  }

  private static boolean await(BooleanSupplier done, Duration atMost) {
    long deadline = System.nanoTime() + atMost.toNanos();
    while (!done.getAsBoolean()) {
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        return false;
      }
      LockSupport.parkNanos(Math.min(left, LOOK_AGAIN.toNanos()));
    }
    return true;
  }

  /** Faults of a round, drawn by the seed. */
  public static List<Fault> faults(long seed, int count, List<Fault> kinds) {
    Random random = new Random(seed);
    List<Fault> faults = new ArrayList<>();
    for (int number = 0; number < count; number++) {
      faults.add(kinds.get(random.nextInt(kinds.size())));
    }
    return faults;
  }
}
