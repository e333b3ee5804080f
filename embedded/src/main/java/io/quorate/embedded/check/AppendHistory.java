package io.quorate.embedded.check;

import io.quorate.embedded.check.SeenTxn.Append;
import io.quorate.embedded.check.SeenTxn.Outcome;
import io.quorate.embedded.check.SeenTxn.Read;
import io.quorate.embedded.check.SeenTxn.Step;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A history with what can be said of it by looking at one read at a time; and the order of each list's versions. Pure. */
final class AppendHistory {
  private final Map<Long, SeenTxn> writers = new HashMap<>();
  /** The longest read of each list: what all reads must be beginnings of. */
  private final Map<String, List<Long>> orders = new LinkedHashMap<>();
  /** Values that some transaction appended before another one of its own to the same list. */
  private final Map<Long, Long> overwritten = new HashMap<>();

  private final List<SeenTxn> done = new ArrayList<>();
  private final List<String> anomalies = new ArrayList<>();

  AppendHistory(List<SeenTxn> history) {
    history.forEach(this::index);
    history.forEach(this::order);
    Map<Long, Boolean> seen = new HashMap<>();
    orders.values().forEach(order -> order.forEach(value -> seen.put(value, true)));
    for (SeenTxn txn : history) {
      if (txn.outcome() == Outcome.COMMITTED) {
        done.add(txn);
        judge(txn);
      } else if (txn.outcome() == Outcome.UNKNOWN
          && appends(txn).stream().anyMatch(append -> seen.containsKey(append.value()))) {
        // Somebody saw it: it was done, nobody knows when it ended. Its own reads were never told.
        done.add(new SeenTxn(
            txn.id(), List.copyOf(appends(txn)), Outcome.UNKNOWN, txn.began(), SeenTxn.NEVER));
      }
    }
  }

  private static List<Append> appends(SeenTxn txn) {
    return txn.steps().stream()
        .filter(Append.class::isInstance)
        .map(Append.class::cast)
        .toList();
  }

  private void index(SeenTxn txn) {
    Map<String, Long> last = new HashMap<>();
    for (Append append : appends(txn)) {
      if (writers.put(append.value(), txn) != null) {
        throw new IllegalArgumentException("value " + append.value() + " is appended twice");
      }
      Long before = last.put(append.key(), append.value());
      if (before != null) {
        overwritten.put(before, append.value());
      }
    }
  }

  private void order(SeenTxn txn) {
    if (txn.outcome() != Outcome.COMMITTED) {
      return;
    }
    for (Read read : foreign(txn)) {
      orders.merge(
          read.key(), read.values(), (one, other) -> one.size() >= other.size() ? one : other);
    }
  }

  /** What the transaction read of others: each list once, without its own appends. */
  static List<Read> foreign(SeenTxn txn) {
    List<Read> reads = new ArrayList<>();
    Map<String, Integer> own = new HashMap<>();
    HashSet<String> known = new HashSet<>();
    for (Step step : txn.steps()) {
      if (step instanceof Append append) {
        own.merge(append.key(), 1, Integer::sum);
      } else if (step instanceof Read read && known.add(read.key())) {
        int others = Math.max(0, read.values().size() - own.getOrDefault(read.key(), 0));
        reads.add(new Read(read.key(), read.values().subList(0, others)));
      }
    }
    return reads;
  }

  private void judge(SeenTxn txn) {
    judgeInside(txn);
    for (Read read : foreign(txn)) {
      judgeRead(txn, read);
    }
  }

  /** Its own appends, and what it read before, must show in each of its reads. */
  private void judgeInside(SeenTxn txn) {
    Map<String, List<Long>> expected = new HashMap<>();
    Map<String, List<Long>> own = new HashMap<>();
    for (Step step : txn.steps()) {
      if (step instanceof Append append) {
        own.computeIfAbsent(append.key(), key -> new ArrayList<>()).add(append.value());
        if (expected.containsKey(append.key())) {
          expected.get(append.key()).add(append.value());
        }
      } else if (step instanceof Read read) {
        List<Long> must = expected.get(read.key());
        List<Long> tail = own.getOrDefault(read.key(), List.of());
        int others = read.values().size() - tail.size();
        boolean ownShown =
            others >= 0 && read.values().subList(others, read.values().size()).equals(tail);
        if (must != null && !must.equals(read.values())) {
          anomalies.add("internal: T" + txn.id() + " read " + read.key() + " as " + read.values()
              + " where " + must + " had to be: " + txn);
        } else if (!ownShown) {
          anomalies.add("internal: T" + txn.id() + " does not see its own appends " + tail + " to "
              + read.key() + ": " + txn);
        }
        expected.put(read.key(), new ArrayList<>(read.values()));
      }
    }
  }

  private void judgeRead(SeenTxn reader, Read read) {
    HashSet<Long> once = new HashSet<>();
    for (long value : read.values()) {
      SeenTxn writer = writers.get(value);
      if (writer == null) {
        anomalies.add("nobody wrote " + value + ": T" + reader.id() + " " + read);
      } else if (writer.outcome() == Outcome.ABORTED) {
        anomalies.add("G1a: T" + reader.id() + " " + read + ", but T" + writer.id()
            + ", which wrote " + value + ", was refused");
      }
      if (!once.add(value)) {
        anomalies.add("twice: T" + reader.id() + " " + read + ", with " + value + " in it twice");
      }
    }
    List<Long> order = orders.getOrDefault(read.key(), List.of());
    if (!order.subList(0, read.values().size()).equals(read.values())) {
      anomalies.add("incompatible orders: T" + reader.id() + " " + read
          + ", another one read it as " + order);
    }
    if (!read.values().isEmpty()) {
      long last = read.values().get(read.values().size() - 1);
      SeenTxn writer = writers.get(last);
      Long next = overwritten.get(last);
      if (writer != null && next != null && writer.id() != reader.id()) {
        anomalies.add("G1b: T" + reader.id() + " " + read + ", but T" + writer.id() + " appended "
            + next + " after " + last);
      }
    }
  }

  /** Committed transactions, and unknown ones that somebody saw. */
  List<SeenTxn> done() {
    return done;
  }

  List<String> anomalies() {
    return anomalies;
  }

  List<Long> order(String key) {
    return orders.getOrDefault(key, List.of());
  }
}
