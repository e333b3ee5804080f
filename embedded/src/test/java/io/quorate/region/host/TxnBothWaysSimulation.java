package io.quorate.region.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.client.Compare;
import io.quorate.client.DeleteOptions;
import io.quorate.client.DeleteResult;
import io.quorate.client.KeyValue;
import io.quorate.client.PutOptions;
import io.quorate.client.PutResult;
import io.quorate.client.RangeOptions;
import io.quorate.client.RangeResult;
import io.quorate.client.RefusedException;
import io.quorate.client.RevisionFilter;
import io.quorate.client.SortOrder;
import io.quorate.client.SortTarget;
import io.quorate.client.Txn;
import io.quorate.client.TxnOp;
import io.quorate.client.TxnResult;
import io.quorate.client.TxnWire;
import io.quorate.client.txn.TransactionClient;
import io.quorate.client.txn.TransactionLimits;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.proto.Request;
import io.quorate.raft.sim.SimFaults;
import io.quorate.raft.sim.SimScheduler;
import io.quorate.raft.storage.RaftDatabase;
import io.quorate.raft.storage.RaftDatabaseConfig;
import io.quorate.region.storage.SharedStore;
import io.quorate.testing.Seeds;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: nobody sees where regions are cut. Method: the same random transactions of etcd's shape, with all their options, are done
 * on keys of one region, which judges them at apply, and on keys of two, where the client judges them and locks; after each the
 * answers, the refusals and all that is there must be the same. Only revisions differ: they are compared by which transaction made
 * them.
 */
class TxnBothWaysSimulation {
  private static final long SECOND = 1_000_000_000;
  private static final int KEYS = 8;
  private static final int TXNS = 40;
  private static final List<RaftDatabase> DATABASES = new ArrayList<>();

  @BeforeAll
  static void openDatabases(@TempDir Path directory) {
    for (int store = 1; store <= 3; store++) {
      DATABASES.add(RaftDatabase.open(
          directory.resolve("store-" + store),
          SharedStore.families(),
          RaftDatabaseConfig.defaults()));
    }
  }

  @AfterAll
  static void closeDatabases() {
    DATABASES.forEach(RaftDatabase::close);
    DATABASES.clear();
  }

  @Seeds(60)
  void inOneRegionAsOverTwo(long seed) {
    new Run(seed).play();
  }

  /** One of the two places: its keys, and which revision each transaction made there. */
  private static final class Side {
    final List<Bytes> keys = new ArrayList<>();
    final KeyRange all;
    /** By the number of the transaction that made it. */
    final List<Long> revisions = new ArrayList<>(List.of(0L));

    Side(Bytes prefix, String first, String second, String end) {
      for (int i = 0; i < KEYS; i++) {
        keys.add(prefix.concat(Bytes.utf8((i < KEYS / 2 ? first : second) + i)));
      }
      all = KeyRange.of(prefix.concat(Bytes.utf8(first)), prefix.concat(Bytes.utf8(end)));
    }

    int number(long revision) {
      int number = revisions.indexOf(revision);
      assertThat(number).as("revision %s of %s", revision, revisions).isGreaterThanOrEqualTo(0);
      return number;
    }
  }

  private static final class Run {
    private final long seed;
    private final SimScheduler scheduler;
    private final SimTerritory land;
    private final SimWire wire;
    private final SimTxnCalls calls;
    private final TransactionClient transactions;
    private final Side one;
    private final Side two;

    Run(long seed) {
      this.seed = seed;
      scheduler = new SimScheduler(seed);
      SimOracle oracle = new SimOracle(scheduler, 0, 2_000_000);
      land = new SimTerritory(
          scheduler, oracle, SimFaults.none(), DATABASES, RegionHostConfig.defaults());
      wire = new SimWire(land, SimWire.Weather.CALM, 1, new SimProcess(scheduler));
      calls = new SimTxnCalls(wire, oracle.port(1), 1);
      transactions = new TransactionClient(
          calls,
          calls.resolver(),
          TransactionLimits.defaults(),
          Duration.ofSeconds(10),
          step -> true);
      one = new Side(land.prefix, "b", "c", "d");
      two = new Side(land.prefix, "l", "n", "o");
    }

    void play() {
      land.electMissing();
      scheduler.runFor(SECOND / 10);
      for (int i = 0; land.groups.size() < 2 && i < 50; i++) {
        land.cut(land.first.id(), List.of(land.prefix.concat(Bytes.utf8("m"))));
        scheduler.runFor(SECOND / 5);
        land.electMissing();
        scheduler.runFor(SECOND / 20);
      }
      for (int number = 0; number < TXNS; number++) {
        step(number);
      }
    }

    private void step(int number) {
      Txn here = new Draw(new Random(seed * 1_000 + number), one).txn(2);
      Txn there = new Draw(new Random(seed * 1_000 + number), two).txn(2);
      Object byRegion = await(inRegion(here));
      Object byClient = await(overRegions(there));
      RangeResult left = range(one);
      RangeResult right = range(two);
      learn(one, left.kvs(), byRegion);
      learn(two, right.kvs(), byClient);
      assertThat(told(byClient, two)).as("%s", here).isEqualTo(told(byRegion, one));
      assertThat(told(right, two)).as("after %s", here).isEqualTo(told(left, one));
    }

    /** At most one new revision is shown: by what was written, or, if that is all deleted, by the answer. */
    private static void learn(Side side, List<KeyValue> state, Object answer) {
      long newest = state.stream().mapToLong(KeyValue::modRevision).max().orElse(0);
      if (answer instanceof TxnResult result && wrote(result)) {
        assertThat(newest).isLessThanOrEqualTo(result.revision());
        side.revisions.add(result.revision());
      }
    }

    private static boolean wrote(TxnResult result) {
      return result.results().stream()
          .anyMatch(each -> each instanceof PutResult
              || (each instanceof DeleteResult gone && gone.deleted() > 0)
              || (each instanceof TxnResult nested && wrote(nested)));
    }

    private CompletableFuture<Object> inRegion(Txn txn) {
      return wire.ask(
              one.keys.get(0), one.all, false, Request.newBuilder().setTxn(TxnWire.request(txn)))
          .thenApply(response -> {
            if (response.hasRefusal()) {
              return response.getRefusal().getCode() + " "
                  + response.getRefusal().getMessage();
            }
            return TxnWire.result(response.getRevision(), response.getTxn());
          });
    }

    private CompletableFuture<Object> overRegions(Txn txn) {
      return transactions
          .commit(txn, SimTxnCalls.never())
          .<Object>thenApply(result -> result)
          .exceptionally(failure -> {
            Throwable cause = failure;
            while (cause instanceof CompletionException && cause.getCause() != null) {
              cause = cause.getCause();
            }
            if (cause instanceof RefusedException refused) {
              return refused.code() + " " + refused.getMessage();
            }
            throw new CompletionException(cause);
          });
    }

    private RangeResult range(Side side) {
      TxnResult all = (TxnResult) await(overRegions(
          new Txn(List.of(), List.of(TxnOp.range(side.all, RangeOptions.DEFAULT)), List.of())));
      return all.range(0);
    }

    private Object await(CompletableFuture<Object> answer) {
      assertThat(scheduler.runUntil(answer::isDone, 60 * SECOND)).isTrue();
      return answer.join();
    }

    /** Without what must differ: names of keys, and revisions. */
    private static String told(Object answer, Side side) {
      if (answer instanceof TxnResult result) {
        return result.succeeded() + told(result.results(), side);
      } else if (answer instanceof RangeResult range) {
        return "range " + told(range.kvs(), side) + " more " + range.more() + " count "
            + range.count();
      } else if (answer instanceof PutResult put) {
        return "put " + put.previous().map(kv -> told(kv, side));
      } else if (answer instanceof DeleteResult gone) {
        return "deleted " + gone.deleted() + told(gone.previous(), side);
      } else if (answer instanceof KeyValue kv) {
        return side.keys.indexOf(kv.key()) + "=" + kv.value().toUtf8() + " created by "
            + side.number(kv.createRevision()) + " changed by " + side.number(kv.modRevision())
            + " version " + kv.version() + " lease " + kv.lease();
      }
      return String.valueOf(answer);
    }

    private static String told(Collection<?> answers, Side side) {
      return answers.stream()
          .map(each -> told(each, side))
          .collect(Collectors.joining(", ", "[", "]"));
    }
  }

  /** Draws a transaction: from the same random numbers the same one for either side. */
  private record Draw(Random random, Side side) {
    private Bytes key() {
      return side.keys.get(random.nextInt(KEYS));
    }

    private long revision() {
      return side.revisions.get(random.nextInt(side.revisions.size()));
    }

    private <T> T any(T[] of) {
      return of[random.nextInt(of.length)];
    }

    private KeyRange range() {
      if (random.nextBoolean()) {
        return KeyRange.single(key());
      }
      Bytes start = key();
      return KeyRange.of(start, random.nextInt(4) == 0 ? side.all.end() : key());
    }

    Txn txn(int depth) {
      List<Compare> compares = new ArrayList<>();
      for (int i = random.nextInt(3); i > 0; i--) {
        compares.add(compare());
      }
      return new Txn(compares, operations(depth), operations(depth));
    }

    private Compare compare() {
      KeyRange range = range();
      Compare.Target target = any(Compare.Target.values());
      Compare.Relation relation = any(Compare.Relation.values());
      boolean revisions =
          target == Compare.Target.MOD_REVISION || target == Compare.Target.CREATE_REVISION;
      long number = revisions ? revision() : random.nextInt(4);
      boolean value = target == Compare.Target.VALUE;
      return new Compare(
          range, target, relation, value ? 0 : number, value ? value() : Bytes.EMPTY);
    }

    private Bytes value() {
      return Bytes.utf8("v" + random.nextInt(3));
    }

    private List<TxnOp> operations(int depth) {
      List<TxnOp> operations = new ArrayList<>();
      for (int i = random.nextInt(5); i > 0; i--) {
        operations.add(
            switch (random.nextInt(depth > 0 ? 6 : 5)) {
              case 0, 1 -> TxnOp.put(key(), value(), put());
              case 2 ->
                TxnOp.delete(
                    range(),
                    random.nextBoolean()
                        ? DeleteOptions.DEFAULT
                        : DeleteOptions.DEFAULT.withPrevious());
              case 3, 4 -> TxnOp.range(range(), options());
              default -> TxnOp.txn(txn(depth - 1));
            });
      }
      return operations;
    }

    private PutOptions put() {
      return switch (random.nextInt(8)) {
        case 0, 1, 2, 3 -> PutOptions.DEFAULT;
        case 4 -> PutOptions.DEFAULT.ignoringLease();
        default -> PutOptions.DEFAULT.withPrevious();
      };
    }

    private RangeOptions options() {
      RangeOptions options = RangeOptions.DEFAULT.withLimit(random.nextInt(3));
      if (random.nextInt(3) == 0) {
        options = options.sortedBy(
            any(SortTarget.values()),
            random.nextBoolean() ? SortOrder.ASCENDING : SortOrder.DESCENDING);
      }
      if (random.nextInt(4) == 0) {
        options = options.filtered(new RevisionFilter(
            random.nextBoolean() ? revision() : 0,
            random.nextBoolean() ? revision() : 0,
            random.nextBoolean() ? revision() : 0,
            random.nextBoolean() ? revision() : 0));
      }
      if (random.nextInt(8) == 0) {
        options = options.at(revision());
      }
      return switch (random.nextInt(4)) {
        case 0 -> options.withKeysOnly();
        case 1 -> options.withCountOnly();
        default -> options;
      };
    }
  }
}
