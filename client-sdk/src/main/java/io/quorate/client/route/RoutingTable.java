package io.quorate.client.route;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Peer;
import io.quorate.model.RegionDescriptor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Immutable map from key to route: ranges sorted by start that never overlap, with gaps where nothing
 * is known. A change makes a new table, so readers need no lock.
 */
public final class RoutingTable {
  public static final RoutingTable EMPTY = new RoutingTable(new Route[0]);

  private final Route[] routes;

  private RoutingTable(Route[] routes) {
    this.routes = routes;
  }

  /**
   * A part of a range that one region owns.
   *
   * @param range never empty
   * @param route null in a gap
   */
  public record Piece(KeyRange range, @Nullable Route route) {}

  public int size() {
    return routes.length;
  }

  public List<Route> routes() {
    return List.of(routes);
  }

  /** The route of the region that owns the key, or null if none is known. */
  public @Nullable Route find(Bytes key) {
    int at = lastStartingAtOrBefore(key);
    return at >= 0 && routes[at].region().range().contains(key) ? routes[at] : null;
  }

  /** Where the gap around an unknown key begins. */
  public Bytes gapStart(Bytes key) {
    int at = lastStartingAtOrBefore(key);
    return at < 0 ? Bytes.EMPTY : routes[at].region().range().end();
  }

  /** Cuts a range at the borders of regions, in key order; what nobody is known to own is a gap. */
  public List<Piece> split(KeyRange range) {
    List<Piece> pieces = new ArrayList<>();
    if (range.isEmpty()) {
      return pieces;
    }
    Bytes from = range.start();
    for (int i = Math.max(0, lastStartingAtOrBefore(from)); i < routes.length; i++) {
      KeyRange owned = routes[i].region().range();
      KeyRange part = owned.intersect(KeyRange.of(from, range.end()));
      if (part.isEmpty()) {
        if (owned.start().compareTo(from) > 0) {
          break;
        }
        continue;
      }
      if (part.start().compareTo(from) > 0) {
        pieces.add(new Piece(KeyRange.of(from, part.start()), null));
      }
      pieces.add(new Piece(part, routes[i]));
      if (part.end().isEmpty()) {
        return pieces;
      }
      from = part.end();
    }
    KeyRange rest = KeyRange.of(from, range.end());
    if (!rest.isEmpty()) {
      pieces.add(new Piece(rest, null));
    }
    return pieces;
  }

  /** Takes each route that is not older than what it overlaps, and drops what it overlaps. */
  public RoutingTable with(Collection<Route> fresh) {
    RoutingTable table = this;
    for (Route route : fresh) {
      table = table.with(route);
    }
    return table;
  }

  /** As {@link #with(Collection)}, for one route. */
  public RoutingTable with(Route fresh) {
    KeyRange range = fresh.region().range();
    int before = lastStartingAtOrBefore(range.start());
    int first =
        before >= 0 && routes[before].region().range().overlaps(range) ? before : before + 1;
    int after = first;
    @Nullable Peer leader = fresh.leader();
    long term = fresh.term();
    while (after < routes.length && routes[after].region().range().overlaps(range)) {
      Route old = routes[after];
      if (isStale(fresh.region(), old.region())) {
        return this;
      }
      if (old.region().id().equals(fresh.region().id()) && keepsLeader(old, fresh)) {
        leader = old.leader();
        term = old.term();
      }
      if (leader == null && old.leader() != null) {
        // Cut off from a known one: the store that led the whole campaigns for the parts.
        leader = fresh.region().peerOn(old.leader().store()).orElse(null);
      }
      after++;
    }
    Route[] next = new Route[routes.length - (after - first) + 1];
    System.arraycopy(routes, 0, next, 0, first);
    next[first] = fresh.withLeader(leader, term);
    System.arraycopy(routes, after, next, first + 1, routes.length - after);
    return new RoutingTable(next);
  }

  /**
   * Notes who leads a region.
   *
   * @param leader null if the leader it had has proved wrong
   */
  public RoutingTable withLeader(RegionDescriptor region, @Nullable Peer leader) {
    int at = lastStartingAtOrBefore(region.range().start());
    if (at < 0 || !routes[at].region().id().equals(region.id())) {
      return this;
    }
    if (leader != null && !routes[at].region().peers().contains(leader)) {
      return this;
    }
    Route[] next = routes.clone();
    next[at] = routes[at].withLeader(leader, routes[at].term());
    return new RoutingTable(next);
  }

  private static boolean isStale(RegionDescriptor fresh, RegionDescriptor old) {
    return fresh.id().equals(old.id())
        ? fresh.epoch().isOlderThan(old.epoch())
        : fresh.epoch().version() < old.epoch().version();
  }

  /**
   * News without a leader, or of no newer one, do not take away what is known: it may come from the
   * region itself, which knows before PD does.
   */
  private static boolean keepsLeader(Route old, Route fresh) {
    Peer leader = old.leader();
    return leader != null
        && fresh.region().peers().contains(leader)
        && (fresh.leader() == null || fresh.term() <= old.term());
  }

  /** -1 if every region starts behind the key. */
  private int lastStartingAtOrBefore(Bytes key) {
    int low = 0;
    int high = routes.length - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      if (routes[middle].region().range().start().compareTo(key) <= 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return high;
  }

  @Override
  public String toString() {
    return Arrays.toString(routes);
  }
}
