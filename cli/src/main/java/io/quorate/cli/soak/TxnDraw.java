package io.quorate.cli.soak;

import io.quorate.client.KeyValue;
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
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/**
 * Bodies of transactions drawn at random: appends to and reads of lists, transfers between accounts, changes of duty. Owned by a
 * round, used by its threads; each body is its thread's.
 */
final class TxnDraw {
  /** Appends after which a slot goes on with an empty list: reads stay short. */
  static final int LIST_LENGTH = 48;

  static final long BALANCE = 100;
  private static final int STEPS_MAX = 4;
  private static final double HOT = 0.3;

  private final TxnKeys keys;
  private final long round;
  private final AtomicLong nextValue;
  private final AtomicIntegerArray appended;

  TxnDraw(TxnKeys keys, long round, AtomicLong nextValue) {
    this.keys = keys;
    this.round = round;
    this.nextValue = nextValue;
    this.appended = new AtomicIntegerArray(keys.slots());
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

  /** Appends and reads of up to four lists, half of the time all reads. */
  Body lists(SplittableRandom random) {
    int count = 1 + random.nextInt(STEPS_MAX);
    boolean readOnly = random.nextInt(4) == 0;
    int[] slots = new int[count];
    boolean[] writes = new boolean[count];
    for (int i = 0; i < count; i++) {
      slots[i] = random.nextDouble() < HOT
          ? random.nextInt(Math.min(4, keys.slots()))
          : random.nextInt(keys.slots());
      writes[i] = !readOnly && random.nextBoolean();
    }
    return (tx, steps) -> {
      for (int i = 0; i < count; i++) {
        String key = key(slots[i]);
        List<Long> values = new ArrayList<>(values(tx.get(Bytes.utf8(key))));
        steps.add(new Read(key, values));
        if (writes[i]) {
          long value = nextValue.getAndIncrement();
          values.add(value);
          tx.put(Bytes.utf8(key), text(values));
          appended.incrementAndGet(slots[i]);
          steps.add(new Append(key, value));
        }
      }
    };
  }

  private String key(int slot) {
    return keys.list(round, slot, appended.get(slot) / LIST_LENGTH);
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

  private static Bytes text(List<Long> values) {
    return Bytes.utf8(values.stream().map(String::valueOf).collect(Collectors.joining(",")));
  }

  private static long number(Optional<KeyValue> value) {
    return Long.parseLong(value
        .orElseThrow(() -> new WrongState("a key that was never deleted is not there"))
        .value()
        .toUtf8());
  }
}
