package io.quorate.cli.soak;

import io.quorate.client.KeyValue;
import io.quorate.client.QuorateClient;
import io.quorate.client.QuorateException;
import io.quorate.client.RangeOptions;
import io.quorate.client.RangeResult;
import io.quorate.client.Snapshot;
import io.quorate.embedded.check.SeenTxn.Outcome;
import io.quorate.embedded.check.SeenTxn.Read;
import io.quorate.embedded.check.SeenTxn.Step;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Looks at all that transactions change, at one revision, over all regions: whether it adds up, whether an older revision still shows
 * what it showed, and as one more transaction for the history. Owned by one round; one thread.
 */
final class TxnSnapshots {
  private static final int KEPT = 32;

  /** What was shown at a revision. */
  private record Shown(long revision, long generation, Map<String, KeyValue> keys) {}

  private final QuorateClient client;
  private final TxnKeys keys;
  private final TxnDraw draw;
  private final ArrayDeque<Shown> kept = new ArrayDeque<>();

  TxnSnapshots(QuorateClient client, TxnKeys keys, TxnDraw draw) {
    this.client = client;
    this.keys = keys;
    this.draw = draw;
  }

  /** Looks once, and once more at an older revision. */
  void look(TxnRecord record) {
    long began = System.nanoTime();
    // Those of the generation before may still be written by who began then.
    long generation = Math.max(0, draw.generation() - 1);
    try {
      Shown shown = read(client.blocking().snapshot(), generation);
      List<Step> reads = new ArrayList<>();
      for (long each = generation; each <= generation + 1; each++) {
        for (int region = 0; region < keys.regions(); region++) {
          for (String list : keys.names(draw.round(), each, region)) {
            reads.add(new Read(list, values(shown, list)));
          }
        }
      }
      record.ended(reads, Outcome.COMMITTED, began);
      judge(record, shown);
      record.count("snapshots");
      kept.addLast(shown);
      if (kept.size() > KEPT) {
        kept.removeFirst();
      }
      lookAgain(record);
    } catch (QuorateException e) {
      record.count("snapshots_failed");
    }
  }

  private void lookAgain(TxnRecord record) {
    Shown before = kept.removeFirst();
    kept.addLast(before);
    Shown now = read(client.snapshotAt(before.revision()), before.generation());
    record.count("snapshots_again");
    if (!now.keys().equals(before.keys())) {
      record.violated("SnapshotsStayAsTheyAre: revision " + before.revision() + " showed "
          + before.keys() + ", and now " + now.keys());
    }
  }

  private static List<Long> values(Shown shown, String list) {
    return TxnDraw.values(Optional.ofNullable(shown.keys().get(list)));
  }

  private Shown read(Snapshot snapshot, long generation) {
    List<CompletableFuture<RangeResult>> ranges = new ArrayList<>();
    for (int region = 0; region < keys.regions(); region++) {
      ranges.add(snapshot.range(keys.numbers(region), RangeOptions.DEFAULT));
      for (long each = generation; each <= generation + 1; each++) {
        KeyRange lists = keys.lists(draw.round(), each, region);
        ranges.add(snapshot.range(lists, RangeOptions.DEFAULT));
      }
    }
    Map<String, KeyValue> shown = new HashMap<>();
    for (CompletableFuture<RangeResult> range : ranges) {
      try {
        range.join().kvs().forEach(kv -> shown.put(kv.key().toUtf8(), kv));
      } catch (CompletionException e) {
        throw e.getCause() instanceof QuorateException known ? known : e;
      }
    }
    return new Shown(snapshot.revision(), generation, shown);
  }

  private void judge(TxnRecord record, Shown shown) {
    long money = 0;
    for (int account = 0; account < keys.accounts(); account++) {
      money += number(shown, keys.account(account));
    }
    if (money != keys.accounts() * TxnDraw.BALANCE) {
      record.violated("MoneyIsKept: " + money + " at revision " + shown.revision() + " where "
          + keys.accounts() * TxnDraw.BALANCE + " were put in");
    }
    for (int pair = 0; pair < TxnKeys.PAIRS; pair++) {
      if (number(shown, keys.duty(pair, true)) + number(shown, keys.duty(pair, false)) == 0) {
        record.violated(
            "SomebodyIsOnDuty: nobody of pair " + pair + " at revision " + shown.revision());
      }
    }
  }

  private static long number(Shown shown, Bytes key) {
    KeyValue kv = shown.keys().get(key.toUtf8());
    return kv == null ? 0 : Long.parseLong(kv.value().toUtf8());
  }

  /** All lists of the round, in one range: how each of them ended. */
  void last(TxnRecord record) {
    long began = System.nanoTime();
    Map<String, KeyValue> shown = new HashMap<>();
    client.blocking().range(keys.whole()).kvs().forEach(kv -> shown.put(kv.key().toUtf8(), kv));
    Shown all = new Shown(0, 0, shown);
    List<Step> reads = new ArrayList<>();
    for (long generation = 0; generation <= draw.generation(); generation++) {
      for (int region = 0; region < keys.regions(); region++) {
        for (String list : keys.names(draw.round(), generation, region)) {
          reads.add(new Read(list, values(all, list)));
        }
      }
    }
    record.ended(reads, Outcome.COMMITTED, began);
    judge(record, all);
  }
}
