package io.quorate.cli.soak;

import io.quorate.client.BlockingClient;
import io.quorate.client.Compare;
import io.quorate.client.KeyValue;
import io.quorate.client.TxnOp;
import io.quorate.client.TxnResult;
import io.quorate.client.txn.BlockingTransaction;
import io.quorate.embedded.check.SeenTxn.Append;
import io.quorate.embedded.check.SeenTxn.Read;
import io.quorate.embedded.check.SeenTxn.Step;
import io.quorate.model.Bytes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/**
 * Transactions drawn at random: appends to and reads of lists, transfers between accounts, changes of duty. Owned by a round, used by
 * its threads; each body is its thread's.
 */
final class TxnDraw {
  static final long BALANCE = 100;

  /** Appends to a slot, on average, after which all go on with empty lists: reads stay short. */
  private static final int LIST_LENGTH = 12;

  private static final int STEPS_MAX = 4;
  private static final int HOT_SLOTS = 4;
  private static final double HOT = 0.1;
  private static final double READ_AGAIN = 0.3;

  private final TxnKeys keys;
  private final long round;
  private final AtomicLong nextValue;
  private final AtomicLong appended = new AtomicLong();

  TxnDraw(TxnKeys keys, long round, AtomicLong nextValue) {
    this.keys = keys;
    this.round = round;
    this.nextValue = nextValue;
  }

  /** A body: does something, and notes what it did and saw. It may run again, then it begins anew. */
  interface Body {
    void run(BlockingTransaction tx, List<Step> steps);
  }

  /** Something went through that must not have. */
  static final class WrongState extends RuntimeException {
    WrongState(String what) {
      super(what);
    }
  }

  long round() {
    return round;
  }

  /** Which lists are being filled. */
  long generation() {
    return appended.get() / ((long) LIST_LENGTH * keys.slots());
  }

  private int slot(SplittableRandom random) {
    return random.nextDouble() < HOT
        ? random.nextInt(Math.min(HOT_SLOTS, keys.slots()))
        : random.nextInt(keys.slots());
  }

  /** Appends and reads of up to four lists, a quarter of the time all reads; what was appended is read again now and then. */
  Body lists(SplittableRandom random) {
    int count = 1 + random.nextInt(STEPS_MAX);
    boolean readOnly = random.nextInt(4) == 0;
    int[] slots = new int[count];
    boolean[] writes = new boolean[count];
    boolean[] again = new boolean[count];
    for (int i = 0; i < count; i++) {
      slots[i] = slot(random);
      writes[i] = !readOnly && random.nextBoolean();
      again[i] = random.nextDouble() < READ_AGAIN;
    }
    return (tx, steps) -> {
      for (int i = 0; i < count; i++) {
        String key = keys.list(round, generation(), slots[i]);
        List<Long> values = read(tx, key, steps);
        if (writes[i]) {
          append(tx, key, values, steps);
        }
        if (again[i]) {
          read(tx, key, steps);
        }
      }
    };
  }

  /** Reads neighbouring lists of two regions as ranges, those not there yet among them, and appends to one of a third. */
  Body ranges(SplittableRandom random) {
    int first = random.nextInt(keys.regions());
    int second = random.nextInt(keys.regions());
    int shelf = random.nextInt(TxnKeys.SHELVES);
    int slot = slot(random);
    return (tx, steps) -> {
      long generation = generation();
      for (int region : new int[] {first, second}) {
        List<KeyValue> found = tx.range(keys.shelf(round, generation, region, shelf));
        for (String list : keys.namesOnShelf(round, generation, region, shelf)) {
          steps.add(new Read(
              list,
              values(found.stream().filter(kv -> kv.key().toUtf8().equals(list)).findFirst())));
        }
      }
      String key = keys.list(round, generation, slot);
      append(tx, key, read(tx, key, steps), steps);
    };
  }

  private static List<Long> read(BlockingTransaction tx, String key, List<Step> steps) {
    List<Long> values = values(tx.get(Bytes.utf8(key)));
    steps.add(new Read(key, values));
    return values;
  }

  private void append(BlockingTransaction tx, String key, List<Long> to, List<Step> steps) {
    long value = nextValue.getAndIncrement();
    tx.put(Bytes.utf8(key), text(to, value));
    appended.incrementAndGet();
    steps.add(new Append(key, value));
  }

  /** A transaction of etcd's shape: appends to two lists if nobody did since they were looked at, else reads both. */
  final class Swap {
    private final String one;
    private final String other;

    private Swap(String one, String other) {
      this.one = one;
      this.other = other;
    }

    void run(BlockingClient client, List<Step> steps) {
      Bytes first = Bytes.utf8(one);
      Bytes second = Bytes.utf8(other);
      Optional<KeyValue> seen = client.get(first);
      Optional<KeyValue> seenToo = client.get(second);
      long value = nextValue.getAndIncrement();
      long valueToo = nextValue.getAndIncrement();
      // Before it is known how it went: so it stands there, too, if that is never told.
      steps.add(new Read(one, values(seen)));
      steps.add(new Read(other, values(seenToo)));
      steps.add(new Append(one, value));
      steps.add(new Append(other, valueToo));
      TxnResult result = client
          .txn()
          .when(unchanged(first, seen), unchanged(second, seenToo))
          .then(
              TxnOp.put(first, text(values(seen), value)),
              TxnOp.put(second, text(values(seenToo), valueToo)))
          .otherwise(TxnOp.get(first), TxnOp.get(second))
          .commit();
      if (result.succeeded()) {
        appended.addAndGet(2);
        return;
      }
      steps.clear();
      steps.add(new Read(one, values(result.range(0).kvs().stream().findFirst())));
      steps.add(new Read(other, values(result.range(1).kvs().stream().findFirst())));
    }

    private static Compare unchanged(Bytes key, Optional<KeyValue> seen) {
      return Compare.modRevision(
          key, Compare.Relation.EQUAL, seen.map(KeyValue::modRevision).orElse(0L));
    }
  }

  Swap swap(SplittableRandom random) {
    int one = slot(random);
    int other = (one + 1 + random.nextInt(keys.slots() - 1)) % keys.slots();
    long generation = generation();
    return new Swap(keys.list(round, generation, one), keys.list(round, generation, other));
  }

  /** Moves money between two accounts, mostly of different regions. */
  Body transfer(SplittableRandom random) {
    int from = random.nextInt(keys.accounts());
    int to = (from + 1 + random.nextInt(keys.accounts() - 1)) % keys.accounts();
    long amount = random.nextLong(1, 21);
    return (tx, steps) -> {
      long has = number(tx.get(keys.account(from)));
      long gets = number(tx.get(keys.account(to)));
      long moved = Math.min(amount, has);
      tx.put(keys.account(from), Bytes.utf8(Long.toString(has - moved)));
      tx.put(keys.account(to), Bytes.utf8(Long.toString(gets + moved)));
    };
  }

  /** Goes off duty if the other is on it, or on duty: each reads both keys and writes one. */
  Body duty(SplittableRandom random) {
    int pair = random.nextInt(TxnKeys.PAIRS);
    boolean first = random.nextBoolean();
    return (tx, steps) -> {
      long own = number(tx.get(keys.duty(pair, first)));
      long other = number(tx.get(keys.duty(pair, !first)));
      if (own == 0) {
        tx.put(keys.duty(pair, first), Bytes.utf8("1"));
      } else if (other == 1) {
        tx.put(keys.duty(pair, first), Bytes.utf8("0"));
      }
    };
  }

  /** What nobody has written yet gets its first value. */
  void beginWith(BlockingTransaction tx) {
    for (int account = 0; account < keys.accounts(); account++) {
      if (tx.get(keys.account(account)).isEmpty()) {
        tx.put(keys.account(account), Bytes.utf8(Long.toString(BALANCE)));
      }
    }
    for (int pair = 0; pair < TxnKeys.PAIRS; pair++) {
      for (boolean first : new boolean[] {true, false}) {
        if (tx.get(keys.duty(pair, first)).isEmpty()) {
          tx.put(keys.duty(pair, first), Bytes.utf8("1"));
        }
      }
    }
  }

  static List<Long> values(Optional<KeyValue> list) {
    return list.map(kv ->
            Arrays.stream(kv.value().toUtf8().split(",")).map(Long::parseLong).toList())
        .orElse(List.of());
  }

  private static Bytes text(List<Long> values, long more) {
    List<Long> all = new ArrayList<>(values);
    all.add(more);
    return Bytes.utf8(all.stream().map(String::valueOf).collect(Collectors.joining(",")));
  }

  private static long number(Optional<KeyValue> value) {
    return Long.parseLong(value
        .orElseThrow(() -> new WrongState("a key that was never deleted is not there"))
        .value()
        .toUtf8());
  }
}
