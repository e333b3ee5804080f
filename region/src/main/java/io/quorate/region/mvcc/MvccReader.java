package io.quorate.region.mvcc;

import io.quorate.model.Bytes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;

/** Reads ranges as etcd does (etcd server/etcdserver/txn/range.go): filter, sort, limit; count over all. Stateless. */
public final class MvccReader {
  private MvccReader() {}

  /**
   * What an answer may hold.
   *
   * @param bytes by {@link KeyVersion#weight()}
   * @param cut whether an answer in key order may end there with {@code more}; if not, it is too large
   */
  public record Bounds(long bytes, boolean cut) {}

  /**
   * Reads a range as of a revision.
   *
   * @param revision at which; the query's own was resolved by the caller
   * @return empty if the answer does not fit the bounds and may not be cut: sorted ones never may
   */
  public static Optional<RangeResult> range(
      VersionSource source, RangeQuery query, long revision, Bounds bounds) {
    if (query.range().isEmpty()) {
      return Optional.of(RangeResult.EMPTY);
    }
    if (query.range().isSingle()) {
      return single(source, query, revision, bounds);
    }
    boolean values =
        !query.countOnly() && (!query.keysOnly() || query.target() == RangeQuery.Target.VALUE);
    try (KeyWalk walk = source.walk(query.range(), revision, values)) {
      if (query.countOnly()) {
        return Optional.of(new RangeResult(List.of(), false, countRest(walk)));
      }
      return query.isSorted() ? sorted(walk, query, bounds) : ordered(walk, query, bounds);
    }
  }

  private static Optional<RangeResult> single(
      VersionSource source, RangeQuery query, long revision, Bounds bounds) {
    Bytes key = query.range().start();
    Version version =
        revision == VersionSource.NEWEST ? source.newest(key) : source.at(key, revision);
    if (!version.isLive()) {
      return Optional.of(RangeResult.EMPTY);
    }
    long count = query.skipCount() && !query.countOnly() ? 0 : 1;
    if (query.countOnly() || !query.accepts(version)) {
      return Optional.of(new RangeResult(List.of(), false, count));
    }
    KeyVersion found = shown(key, version, query);
    return !bounds.cut() && found.weight() > bounds.bytes()
        ? Optional.empty()
        : Optional.of(new RangeResult(List.of(found), false, count));
  }

  private static KeyVersion shown(Bytes key, Version version, RangeQuery query) {
    return new KeyVersion(key, query.keysOnly() ? version.withoutValue() : version);
  }

  private static long countRest(KeyWalk walk) {
    long count = 0;
    while (walk.next()) {
      if (walk.isLive()) {
        count++;
      }
    }
    return count;
  }

  private static Optional<RangeResult> ordered(KeyWalk walk, RangeQuery query, Bounds bounds) {
    long page =
        query.pageBytes() > 0 ? Math.min(query.pageBytes(), bounds.bytes()) : bounds.bytes();
    long limit = query.limit() > 0 ? query.limit() : Long.MAX_VALUE;
    List<KeyVersion> items = new ArrayList<>();
    long bytes = 0;
    long count = 0;
    boolean more = false;
    while (walk.next()) {
      if (!walk.isLive()) {
        continue;
      }
      count++;
      if (more && !query.skipCount()) {
        continue;
      }
      if (items.size() >= limit || bytes >= page) {
        if (query.isFiltered() && !query.accepts(walk.version())) {
          continue;
        }
        if (items.size() < limit && !bounds.cut()) {
          return Optional.empty();
        }
        more = true;
        if (query.skipCount()) {
          break;
        }
        continue;
      }
      Version version = walk.version();
      if (query.accepts(version)) {
        KeyVersion item = shown(walk.key(), version, query);
        items.add(item);
        bytes += item.weight();
      }
    }
    return Optional.of(new RangeResult(items, more, query.skipCount() ? 0 : count));
  }

  private static Optional<RangeResult> sorted(KeyWalk walk, RangeQuery query, Bounds bounds) {
    Comparator<KeyVersion> order = order(query);
    long limit = query.limit() > 0 ? query.limit() : Long.MAX_VALUE;
    // The last of those kept is on top: a better one takes its place.
    PriorityQueue<KeyVersion> kept = new PriorityQueue<>(Collections.reverseOrder(order));
    long bytes = 0;
    long count = 0;
    long matches = 0;
    while (walk.next()) {
      if (!walk.isLive()) {
        continue;
      }
      count++;
      Version version = walk.version();
      if (!query.accepts(version)) {
        continue;
      }
      matches++;
      KeyVersion item = new KeyVersion(walk.key(), version);
      kept.add(item);
      bytes += item.weight();
      if (kept.size() > limit) {
        bytes -= kept.remove().weight();
      }
      if (bytes > bounds.bytes()) {
        return Optional.empty();
      }
    }
    List<KeyVersion> items = new ArrayList<>(kept);
    items.sort(order);
    if (query.keysOnly()) {
      items.replaceAll(item -> shown(item.key(), item.version(), query));
    }
    return Optional.of(
        new RangeResult(items, matches > items.size(), query.skipCount() ? 0 : count));
  }

  /** Equal ones in key order, so that every replica answers alike. */
  private static Comparator<KeyVersion> order(RangeQuery query) {
    Comparator<KeyVersion> by = switch (query.target()) {
      case KEY -> Comparator.comparing(KeyVersion::key);
      case VERSION -> Comparator.comparingLong(item -> item.version().version());
      case CREATE -> Comparator.comparingLong(item -> item.version().createRevision());
      case MOD -> Comparator.comparingLong(item -> item.version().modRevision());
      case VALUE -> Comparator.comparing(item -> item.version().value());
    };
    return (query.order() == RangeQuery.Order.DESCEND ? by.reversed() : by)
        .thenComparing(KeyVersion::key);
  }
}
