package io.quorate.region.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.client.KeyValue;
import io.quorate.client.OutcomeUnknownException;
import io.quorate.client.txn.ForeignLock;
import io.quorate.client.txn.Transaction;
import io.quorate.client.txn.TransactionClient;
import io.quorate.client.txn.TransactionLimits;
import io.quorate.embedded.check.SeenTxn;
import io.quorate.embedded.check.SeenTxn.Append;
import io.quorate.embedded.check.SeenTxn.Outcome;
import io.quorate.embedded.check.SeenTxn.Read;
import io.quorate.embedded.check.SeenTxn.Step;
import io.quorate.embedded.check.StrictSerializability;
import io.quorate.model.Bytes;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.Wire;
import io.quorate.proto.Request;
import io.quorate.proto.ScanLocksRequest;
import io.quorate.raft.sim.SimFaults;
import io.quorate.raft.sim.SimScheduler;
import io.quorate.raft.storage.RaftDatabase;
import io.quorate.raft.storage.RaftDatabaseConfig;
import io.quorate.region.storage.SharedStore;
import io.quorate.testing.Seeds;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/**
 * Small transactions over two or three regions: the client's own coordinators and resolvers, the regions' own hosts and state machines,
 * on simulated time, logs, oracle and wires. Messages are lost, late, doubled and out of order, clients die at any step or stand still for longer than their locks live, leaders change,
 * stores crash, regions are cut and joined. At the end the history must be strictly serializable, and no lock may stand.
 */
class TxnSimulation {
  private static final long MILLISECOND = 1_000_000;
  private static final long SECOND = 1000 * MILLISECOND;
  private static final List<RaftDatabase> DATABASES = new ArrayList<>();

  /** A store that looks for its regions meets those of all runs before it, too. */
  private static final int RUNS_PER_DATABASE = 50;

  @TempDir
  private static Path directory = Path.of("");

  private static int runs;

  @BeforeEach
  void openDatabases() throws RocksDBException {
    if (runs++ % RUNS_PER_DATABASE != 0) {
      return;
    }
    closeDatabases();
    for (int store = 1; store <= 3; store++) {
      DATABASES.add(RaftDatabase.open(
          directory.resolve(runs + "-" + store),
          SharedStore.families(),
          RaftDatabaseConfig.defaults()));
    }
  }

  @AfterAll
  static void closeDatabases() throws RocksDBException {
    for (RaftDatabase database : DATABASES) {
      database.close();
      try (Options options = new Options()) {
        RocksDB.destroyDB(database.directory().toString(), options);
      }
    }
    DATABASES.clear();
  }

  /** Two transactions that meet, nothing goes wrong: only the order of messages is drawn. */
  @Seeds(100)
  void twoTransactionsThatMeetInPeace(long seed) {
    new Run(seed, 2, 1, false, false).play();
  }

  /** Three, on a bad day. */
  @Seeds(100)
  void threeTransactionsOnABadDay(long seed) {
    new Run(seed, 3, 1, true, false).play();
  }

  /** More of them, while regions are cut and joined. */
  @Seeds(40)
  void manyTransactionsWhileRegionsChange(long seed) {
    new Run(seed, 4, 4, true, true).play();
  }

  /** The right region of an aborted merge heard of that only after the left one had ended in a third: it stayed frozen for ever. */
  @Test
  void whoTookInTheLeftRegionTellsHowItsMergesWentOut() {
    new Run(9602, 4, 4, true, true).play();
  }

  /** One run: a territory, its clients, its disasters. */
  private static final class Run {
    private static final List<String> KEYS = List.of("b", "c", "y", "z");

    private final SimScheduler scheduler;
    private final SimOracle oracle;
    private final SimTerritory land;
    private final boolean bad;
    private final boolean shapes;
    private final int clients;
    private final int each;
    private final List<SeenTxn> history = new ArrayList<>();
    private long nextTxn;
    private long nextValue;
    private int busy;
    private boolean over;

    Run(long seed, int clients, int each, boolean bad, boolean shapes) {
      this.clients = clients;
      this.each = each;
      this.bad = bad;
      this.shapes = shapes;
      scheduler = new SimScheduler(seed);
      oracle = new SimOracle(scheduler, bad ? 0.02 : 0, 2 * MILLISECOND);
      land = new SimTerritory(
          scheduler,
          oracle,
          bad ? SimFaults.bad() : SimFaults.none(),
          DATABASES,
          RegionHostConfig.defaults());
    }

    private Bytes key(String name) {
      return land.prefix.concat(Bytes.utf8(name));
    }

    void play() {
      land.electMissing();
      scheduler.runFor(SECOND / 10);
      cutInTwo();
      for (int number = 1; number <= clients; number++) {
        Client client = new Client(number, bad);
        busy++;
        scheduler.after(scheduler.pick(0, 20 * MILLISECOND), () -> client.next(each));
      }
      if (bad) {
        scheduler.after(scheduler.pick(0, SECOND / 4), this::strike);
      }
      if (shapes) {
        scheduler.after(scheduler.pick(0, SECOND / 4), this::reshape);
      }
      scheduler.runUntil(() -> busy == 0, 20 * SECOND);
      heal();
      settle();
      judge();
    }

    private void cutInTwo() {
      for (int i = 0; land.groups.size() < 2 && i < 50; i++) {
        land.cut(land.first.id(), List.of(key("m")));
        scheduler.runFor(SECOND / 5);
        land.electMissing();
        scheduler.runFor(SECOND / 20);
      }
      assertThat(land.groups).hasSizeGreaterThanOrEqualTo(2);
    }

    private void strike() {
      if (over) {
        return;
      }
      int lot = (int) scheduler.pick(0, 9);
      if (lot < 4) {
        var groups = List.copyOf(land.groups.values());
        groups.get(scheduler.random().nextInt(groups.size())).electAny();
      } else if (lot < 6) {
        oracle.failOver();
      } else {
        int victim = (int) scheduler.pick(1, land.stores());
        boolean allUp = true;
        for (int store = 1; store <= land.stores(); store++) {
          allUp &= land.isUp(store);
        }
        if (allUp) {
          land.crash(victim);
          scheduler.after(scheduler.pick(0, SECOND), () -> {
            if (!land.isUp(victim)) {
              land.start(victim);
            }
          });
          scheduler.after(SECOND / 10, land::electMissing);
        }
      }
      scheduler.after(scheduler.pick(SECOND / 50, SECOND / 2), this::strike);
    }

    private void reshape() {
      if (over) {
        return;
      }
      String at = KEYS.get(scheduler.random().nextInt(KEYS.size()));
      RegionDescriptor region = land.freshest(key(at));
      if (scheduler.chance(0.5)) {
        land.cut(region.id(), List.of(key(at + (scheduler.chance(0.5) ? "" : "0"))));
      } else {
        land.join(region.id());
      }
      scheduler.after(scheduler.pick(SECOND / 20, SECOND / 2), this::reshape);
    }

    private void heal() {
      over = true;
      for (int round = 0; round < 6; round++) {
        scheduler.runFor(SECOND);
        for (int store = 1; store <= land.stores(); store++) {
          if (!land.isUp(store)) {
            land.start(store);
          }
        }
        land.electMissing();
      }
    }

    /** Whoever died has left locks: after their time to live the stores' loops settle them, as this does. */
    private void settle() {
      Client sweeper = new Client(1000, false);
      scheduler.runFor(TransactionLimits.defaults().lockTtl().toNanos());
      List<ForeignLock> locks = List.of();
      for (int round = 0; round < 20; round++) {
        locks = sweeper.locks();
        if (locks.isEmpty()) {
          return;
        }
        for (ForeignLock lock : locks) {
          var unused = sweeper
              .calls
              .resolver()
              .clear(lock.owner(), List.of(lock.range()), lock.isOld(), SimTxnCalls.never());
        }
        scheduler.runFor(2 * SECOND);
        land.electMissing();
      }
      throw new AssertionError("locks stand for ever: " + locks);
    }

    private void judge() {
      Client reader = new Client(1001, false);
      boolean[] done = {false};
      // The oracle may lose an ask of this one, too.
      for (int tries = 0; tries < 20 && !done[0]; tries++) {
        boolean[] ended = {false};
        var unused = reader.readAll().whenComplete((all, failure) -> {
          done[0] = failure == null;
          ended[0] = true;
        });
        scheduler.runUntil(() -> ended[0], 30 * SECOND);
      }
      assertThat(done[0]).as("the last look").isTrue();
      assertThat(StrictSerializability.anomalies(history)).isEmpty();
      assertThat(history.stream().filter(txn -> txn.outcome() == Outcome.COMMITTED))
          .as("%s", history)
          .hasSizeGreaterThanOrEqualTo(bad ? 1 : 2);
      // What came late may just be applied here, and not yet there; what differs for good stays so.
      for (int round = 0; round < 5; round++) {
        scheduler.runFor(2 * SECOND);
        if (land.sums(2).equals(land.sums(1)) && land.sums(3).equals(land.sums(1))) {
          return;
        }
      }
      for (int store = 2; store <= land.stores(); store++) {
        assertThat(land.sums(store)).as("ReplicasAreEqual").isEqualTo(land.sums(1));
      }
    }

    /** One process: does transactions one after the other, and may die at any moment. */
    private final class Client {
      private final SimTxnCalls calls;
      private final TransactionClient transactions;
      private final SimWire wire;
      private final SimProcess process = new SimProcess(scheduler);
      private boolean gone;

      Client(int number, boolean mortal) {
        SimWire.Weather weather =
            bad && mortal ? new SimWire.Weather(0.05, 0.15, 0.05) : SimWire.Weather.CALM;
        wire = new SimWire(land, weather, number, process);
        calls = new SimTxnCalls(wire, oracle.port(1), number);
        transactions = new TransactionClient(
            calls,
            calls.resolver(),
            TransactionLimits.defaults(),
            Duration.ofSeconds(10),
            step -> true);
        if (mortal && scheduler.chance(0.5)) {
          // Most die within the few round trips of a transaction.
          long life = scheduler.pick(0, scheduler.chance(0.8) ? 60 * MILLISECOND : 2 * SECOND);
          scheduler.after(life, process::die);
        } else if (mortal && scheduler.chance(0.3)) {
          // Stopped for longer than its locks live, then on as if nothing had happened.
          long still =
              TransactionLimits.defaults().lockTtl().toNanos() + scheduler.pick(0, 2 * SECOND);
          scheduler.after(scheduler.pick(0, 60 * MILLISECOND), () -> process.standStill(still));
        }
      }

      void next(int left) {
        if (left == 0) {
          leave();
          return;
        }
        long id = ++nextTxn;
        List<List<Step>> runs = new ArrayList<>();
        long[] began = {scheduler.nanos()};
        int place = history.size();
        history.add(new SeenTxn(id, List.of(), Outcome.ABORTED, 0, 0));
        List<Integer> drawn = draw();
        var unused = transactions
            .transact(
                tx -> {
                  List<Step> steps = new ArrayList<>();
                  runs.add(steps);
                  // Whatever becomes of this process from here on, it may have been done.
                  history.set(
                      place, new SeenTxn(id, List.of(), Outcome.ABORTED, began[0], began[0]));
                  return body(tx, drawn, 0, steps).thenApply(done -> {
                    history.set(
                        place, new SeenTxn(id, steps, Outcome.UNKNOWN, began[0], SeenTxn.NEVER));
                    return done;
                  });
                },
                SimTxnCalls.never())
            .whenComplete((committed, failure) -> {
              if (!process.isAlive()) {
                return;
              }
              List<Step> steps = runs.isEmpty() ? List.of() : runs.get(runs.size() - 1);
              Outcome outcome = failure == null
                  ? Outcome.COMMITTED
                  : isUnknown(failure) ? Outcome.UNKNOWN : Outcome.ABORTED;
              history.set(
                  place,
                  new SeenTxn(
                      id,
                      steps,
                      outcome,
                      began[0],
                      outcome == Outcome.UNKNOWN ? SeenTxn.NEVER : scheduler.nanos()));
              scheduler.after(scheduler.pick(0, 5 * MILLISECOND), () -> next(left - 1));
            });
        if (left == each) {
          // The dead are not waited for.
          watchOver();
        }
      }

      private void leave() {
        if (!gone) {
          gone = true;
          busy--;
        }
      }

      private void watchOver() {
        scheduler.after(SECOND / 10, () -> {
          if (!process.isAlive()) {
            leave();
          } else if (!over) {
            watchOver();
          }
        });
      }

      private static boolean isUnknown(Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
          cause = cause.getCause();
        }
        return cause instanceof OutcomeUnknownException || cause instanceof SimWire.NoAnswer;
      }

      /** Two to four steps: the number of the key, and whether it is appended to. */
      private List<Integer> draw() {
        List<Integer> steps = new ArrayList<>();
        for (int i = (int) scheduler.pick(2, 4); i > 0; i--) {
          steps.add((int) scheduler.pick(0, 2L * KEYS.size() - 1));
        }
        return steps;
      }

      private CompletableFuture<Boolean> body(
          Transaction tx, List<Integer> drawn, int at, List<Step> steps) {
        if (at == drawn.size()) {
          return CompletableFuture.completedFuture(true);
        }
        String name = KEYS.get(drawn.get(at) % KEYS.size());
        return tx.get(key(name)).thenCompose(found -> {
          List<Long> values = new ArrayList<>(values(found));
          steps.add(new Read(name, values));
          if (drawn.get(at) >= KEYS.size()) {
            values.add(++nextValue);
            tx.put(key(name), text(values));
            steps.add(new Append(name, nextValue));
          }
          return body(tx, drawn, at + 1, steps);
        });
      }

      /** A transaction that reads everything. */
      CompletableFuture<Boolean> readAll() {
        long began = scheduler.nanos();
        List<Step> steps = new ArrayList<>();
        return transactions
            .transact(tx -> body(tx, List.of(0, 1, 2, 3), 0, steps), SimTxnCalls.never())
            .thenApply(done -> history.add(
                new SeenTxn(++nextTxn, steps, Outcome.COMMITTED, began, scheduler.nanos())));
      }

      /** All locks that stand. */
      List<ForeignLock> locks() {
        List<ForeignLock> found = new ArrayList<>();
        Bytes at = land.first.range().start();
        while (!at.equals(land.first.range().end())) {
          RegionDescriptor region = land.freshest(at);
          boolean[] done = {false};
          var unused = wire.ask(
                  at,
                  region.range(),
                  true,
                  Request.newBuilder()
                      .setScanLocks(ScanLocksRequest.newBuilder()
                          .setRange(Wire.range(region.range()))
                          .setLimit(1000)))
              .whenComplete((response, failure) -> {
                assertThat(failure).isNull();
                assertThat(response.hasScanLocks()).as("%s", response).isTrue();
                response.getScanLocks().getLocksList().stream()
                    .map(ForeignLock::of)
                    .forEach(found::add);
                done[0] = true;
              });
          assertThat(scheduler.runUntil(() -> done[0], 30 * SECOND))
              .as("locks of")
              .isTrue();
          at = region.range().end();
        }
        return found;
      }
    }

    private static List<Long> values(Optional<KeyValue> list) {
      return list.map(kv ->
              Arrays.stream(kv.value().toUtf8().split(",")).map(Long::parseLong).toList())
          .orElse(List.of());
    }

    private static Bytes text(List<Long> values) {
      return Bytes.utf8(values.stream().map(String::valueOf).collect(Collectors.joining(",")));
    }
  }
}
