package io.quorate.region.storage;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.RegionDescriptor;
import io.quorate.region.command.Compare;
import io.quorate.region.command.DeleteRange;
import io.quorate.region.command.Operation;
import io.quorate.region.command.Outcome;
import io.quorate.region.command.Put;
import io.quorate.region.command.Read;
import io.quorate.region.command.Refusal;
import io.quorate.region.command.Result;
import io.quorate.region.command.Stamped;
import io.quorate.region.command.Txn;
import io.quorate.region.mvcc.KeyVersion;
import io.quorate.region.mvcc.RangeQuery;
import io.quorate.region.mvcc.RangeResult;
import io.quorate.region.mvcc.Version;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** etcd's data model in the most naive way: every version ever written, in lists. The measure of the real thing. */
final class EtcdModel {
  private final RegionDescriptor descriptor;
  private NavigableMap<Bytes, List<Version>> history = new TreeMap<>();
  private long lastStamp;
  private long floor;
  private int sub;

  EtcdModel(RegionDescriptor descriptor) {
    this.descriptor = descriptor;
  }

  /** The same, of a part of it. */
  EtcdModel cut(RegionDescriptor part) {
    EtcdModel cut = new EtcdModel(part);
    cut.floor = floor;
    cut.lastStamp = lastStamp;
    history.forEach((key, versions) -> {
      if (part.range().contains(key)) {
        cut.history.put(key, new ArrayList<>(versions));
      }
    });
    return cut;
  }

  /** The two as one region. */
  EtcdModel join(EtcdModel right, RegionDescriptor whole) {
    EtcdModel joined = new EtcdModel(whole);
    joined.history.putAll(history);
    joined.history.putAll(right.history);
    joined.lastStamp = Math.max(lastStamp, right.lastStamp);
    joined.floor = Math.max(floor, right.floor);
    return joined;
  }

  /** Reads below are refused. */
  void raiseFloor(long to) {
    floor = Math.max(floor, to);
  }

  long lastStamp() {
    return lastStamp;
  }

  /** Something was answered under the stamp that changed nothing. */
  void judged(long stamp) {
    lastStamp = Math.max(lastStamp, stamp);
  }

  long floor() {
    return floor;
  }

  /** What must stand of a key, oldest first, once all that the floor lets go is removed. */
  List<Version> kept(Bytes key) {
    List<Version> all = history.getOrDefault(key, List.of());
    List<Version> kept = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      boolean hidden = i + 1 < all.size() && all.get(i + 1).modRevision() < floor;
      boolean watched = all.get(i).modRevision() >= floor;
      if (watched || (!hidden && all.get(i).isLive())) {
        kept.add(all.get(i));
      }
    }
    return kept;
  }

  /** Every version ever written, oldest first. */
  NavigableMap<Bytes, List<Version>> history() {
    return history;
  }

  Outcome apply(Stamped stamped) {
    if (stamped.epochVersion() != descriptor.epoch().version()
        || !stamped.command().touches().stream().allMatch(this::isInside)) {
      return new Outcome.EpochMismatch(descriptor);
    }
    if (stamped.revision() <= lastStamp) {
      return new Outcome.Restamp(lastStamp);
    }
    long revision = stamped.revision();
    NavigableMap<Bytes, List<Version>> before = copy();
    Optional<Refusal> refusal = check(stamped.command(), before, revision);
    if (refusal.isPresent()) {
      return new Outcome.Refused(refusal.get());
    }
    sub = 0;
    Result result = run(stamped.command(), before, revision);
    lastStamp = revision;
    return new Outcome.Done(revision, result);
  }

  private boolean isInside(KeyRange range) {
    return range.isEmpty() || descriptor.range().contains(range);
  }

  private NavigableMap<Bytes, List<Version>> copy() {
    NavigableMap<Bytes, List<Version>> copy = new TreeMap<>();
    history.forEach((key, versions) -> copy.put(key, new ArrayList<>(versions)));
    return copy;
  }

  private static @Nullable Version live(
      NavigableMap<Bytes, List<Version>> in, Bytes key, long revision) {
    Version found = null;
    for (Version version : in.getOrDefault(key, List.of())) {
      if (version.modRevision() <= revision) {
        found = version;
      }
    }
    return found != null && found.isLive() ? found : null;
  }

  private static List<KeyVersion> liveIn(
      NavigableMap<Bytes, List<Version>> in, KeyRange range, long revision) {
    List<KeyVersion> found = new ArrayList<>();
    for (Bytes key : in.keySet()) {
      Version version = live(in, key, revision);
      if (range.contains(key) && version != null) {
        found.add(new KeyVersion(key, version));
      }
    }
    return found;
  }

  private Optional<Refusal> check(
      Operation operation, NavigableMap<Bytes, List<Version>> before, long revision) {
    if (operation instanceof Put put) {
      if ((put.ignoreValue() || put.ignoreLease())
          && live(before, put.key(), Long.MAX_VALUE) == null) {
        return Optional.of(Refusal.KEY_NOT_FOUND);
      }
      return put.lease() == 0 ? Optional.empty() : Optional.of(Refusal.LEASE_NOT_FOUND);
    }
    if (operation instanceof Read read) {
      if (read.query().revision() >= revision) {
        return Optional.of(Refusal.FUTURE_REVISION);
      }
      return read.query().revision() > 0 && read.query().revision() < floor
          ? Optional.of(Refusal.compacted(floor))
          : Optional.empty();
    }
    if (operation instanceof Txn txn) {
      return taken(txn, before).stream()
          .map(inner -> check(inner, before, revision))
          .flatMap(Optional::stream)
          .findFirst();
    }
    return Optional.empty();
  }

  private static boolean succeeds(Txn txn, NavigableMap<Bytes, List<Version>> before) {
    return txn.compares().stream().allMatch(compare -> holds(compare, before));
  }

  private static List<Operation> taken(Txn txn, NavigableMap<Bytes, List<Version>> before) {
    return succeeds(txn, before) ? txn.success() : txn.failure();
  }

  private static boolean holds(Compare compare, NavigableMap<Bytes, List<Version>> before) {
    List<Version> versions = liveIn(before, compare.range(), Long.MAX_VALUE).stream()
        .map(KeyVersion::version)
        .toList();
    if (versions.isEmpty()) {
      return compare.target() != Compare.Target.VALUE
          && holds(compare, Long.compare(0, compare.number()));
    }
    return versions.stream()
        .allMatch(version -> holds(
            compare,
            switch (compare.target()) {
              case VERSION -> Long.compare(version.version(), compare.number());
              case CREATE -> Long.compare(version.createRevision(), compare.number());
              case MOD -> Long.compare(version.modRevision(), compare.number());
              case LEASE -> Long.compare(version.lease(), compare.number());
              case VALUE -> version.value().compareTo(compare.value());
            }));
  }

  private static boolean holds(Compare compare, int order) {
    return switch (compare.relation()) {
      case EQUAL -> order == 0;
      case GREATER -> order > 0;
      case LESS -> order < 0;
      case NOT_EQUAL -> order != 0;
    };
  }

  private Result run(
      Operation operation, NavigableMap<Bytes, List<Version>> before, long revision) {
    if (operation instanceof Put put) {
      Version old = live(history, put.key(), Long.MAX_VALUE);
      Bytes value = put.ignoreValue() && old != null ? old.value() : put.value();
      write(
          put.key(),
          old == null
              ? new Version(revision, sub++, revision, 1, 0, value)
              : new Version(revision, sub++, old.createRevision(), old.version() + 1, 0, value));
      return new Result.PutDone(Optional.ofNullable(put.previous() ? old : null)
          .map(version -> new KeyVersion(put.key(), version)));
    }
    if (operation instanceof DeleteRange delete) {
      List<KeyVersion> doomed = liveIn(history, delete.range(), Long.MAX_VALUE);
      for (KeyVersion item : doomed) {
        write(item.key(), new Version(revision, sub++, 0, 0, 0, Bytes.EMPTY));
      }
      return new Result.Deleted(doomed.size(), delete.previous() ? doomed : List.of());
    }
    if (operation instanceof Read read) {
      long at = read.query().revision() == 0 ? Long.MAX_VALUE : read.query().revision();
      return new Result.Found(range(read.query(), at));
    }
    Txn txn = (Txn) operation;
    List<Result> results = new ArrayList<>();
    for (Operation inner : taken(txn, before)) {
      results.add(run(inner, before, revision));
    }
    return new Result.TxnDone(succeeds(txn, before), results);
  }

  private void write(Bytes key, Version version) {
    history.computeIfAbsent(key, absent -> new ArrayList<>()).add(version);
  }

  /** A range as of a revision, pages left aside. */
  RangeResult range(RangeQuery query, long revision) {
    List<KeyVersion> all = liveIn(history, query.range(), revision);
    if (query.countOnly()) {
      return new RangeResult(List.of(), false, all.size());
    }
    Stream<KeyVersion> items = all.stream()
        .filter(item -> query.minMod() == 0 || item.version().modRevision() >= query.minMod())
        .filter(item -> query.maxMod() == 0 || item.version().modRevision() <= query.maxMod())
        .filter(
            item -> query.minCreate() == 0 || item.version().createRevision() >= query.minCreate())
        .filter(
            item -> query.maxCreate() == 0 || item.version().createRevision() <= query.maxCreate());
    Comparator<KeyVersion> order = switch (query.target()) {
      case KEY -> Comparator.comparing(KeyVersion::key);
      case VERSION -> Comparator.comparing((KeyVersion item) -> item.version().version());
      case CREATE -> Comparator.comparing((KeyVersion item) -> item.version().createRevision());
      case MOD -> Comparator.comparing((KeyVersion item) -> item.version().modRevision());
      case VALUE -> Comparator.comparing((KeyVersion item) -> item.version().value());
    };
    boolean down = query.order() == RangeQuery.Order.DESCEND;
    List<KeyVersion> sorted = items
        .sorted((down ? order.reversed() : order).thenComparing(KeyVersion::key))
        .toList();
    boolean more = query.limit() > 0 && sorted.size() > query.limit();
    List<KeyVersion> shown = more ? sorted.subList(0, (int) query.limit()) : sorted;
    return new RangeResult(
        shown.stream()
            .map(item ->
                query.keysOnly() ? new KeyVersion(item.key(), item.version().withoutValue()) : item)
            .toList(),
        more,
        query.skipCount() ? 0 : all.size());
  }
}
