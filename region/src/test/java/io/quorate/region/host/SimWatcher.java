package io.quorate.region.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.RegionDescriptor;
import io.quorate.proto.KeyValue;
import io.quorate.proto.WatchEvent;
import io.quorate.proto.WatchResponse;
import io.quorate.region.watch.WatchConnection;
import io.quorate.region.watch.WatchSink;
import io.quorate.region.watch.WatchSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * A watcher of a range over simulated regions, as simple as can be: one stream per part, dropped and opened anew from the first
 * revision that was not resolved. It checks the order of each part; whether all came is judged at the end.
 */
final class SimWatcher {
  /** What came; the value of a deletion is empty, that of an absent previous version too. */
  record Seen(long revision, int sub, Bytes key, boolean delete, Bytes value, Bytes previous) {}

  private final SimTerritory land;
  private final Function<Bytes, RegionDescriptor> routes;
  final KeyRange range;
  final long start;
  private final boolean previous;
  private final boolean anyReplica;
  /** Chance that the stream has no room when it is asked. */
  double laziness;

  private final List<Part> parts = new ArrayList<>();
  final List<Seen> seen = new ArrayList<>();
  int reopened;
  private long lastId;

  /**
   * @param routes the freshest region that holds a key
   * @param anyReplica served by any replica
   */
  SimWatcher(
      SimTerritory land,
      Function<Bytes, RegionDescriptor> routes,
      KeyRange range,
      long start,
      boolean previous,
      boolean anyReplica) {
    this.land = land;
    this.routes = routes;
    this.range = range;
    this.start = start;
    this.previous = previous;
    this.anyReplica = anyReplica;
    open(range, start - 1);
  }

  /** All up to here came. */
  long frontier() {
    return parts.stream().mapToLong(part -> part.frontier).min().orElse(0);
  }

  /** Asks how far it is resolved, and looks whether a store went away with its stream. */
  void tick() {
    for (Part part : List.copyOf(parts)) {
      if (land.life(part.store) != part.life) {
        part.reopen();
      } else if (!part.ended) {
        part.connection.progress(part.id);
        part.connection.wake();
      }
    }
  }

  private void open(KeyRange piece, long frontier) {
    Bytes from = piece.start();
    while (!KeyRange.of(from, piece.end()).isEmpty()) {
      RegionDescriptor region = routes.apply(from);
      KeyRange owned = region.range().intersect(KeyRange.of(from, piece.end()));
      parts.add(new Part(owned, region, frontier));
      from = owned.end();
      if (from.isEmpty()) {
        return;
      }
    }
  }

  /** A piece of the range on one region. */
  private final class Part implements WatchSink {
    private final KeyRange piece;
    private final int store;
    private final int life;
    private final long id = ++lastId;
    private final WatchConnection connection;
    private final List<Seen> pending = new ArrayList<>();
    private long frontier;
    private boolean created;
    private boolean ended;

    Part(KeyRange piece, RegionDescriptor region, long frontier) {
      this.piece = piece;
      this.frontier = frontier;
      int leader = land.leaderStore(region.id());
      this.store = !anyReplica && leader != 0 && land.scheduler.chance(0.9)
          ? leader
          : (int) land.scheduler.pick(1, land.stores());
      this.life = land.life(store);
      this.connection = land.connect(store, this);
      land.scheduler.after(
          land.scheduler.pick(1000, 3_000_000),
          () -> connection.create(
              new WatchSpec(
                  id,
                  piece,
                  frontier + 1,
                  false,
                  false,
                  previous,
                  frontier + 1 > start,
                  anyReplica),
              region.id(),
              region.epoch().version()));
    }

    @Override
    public boolean ready() {
      return !land.scheduler.chance(laziness);
    }

    @Override
    public void send(WatchResponse message) {
      // What a dead process said last is never heard.
      if (land.life(store) == life) {
        hear(message);
      }
    }

    @Override
    public void flush() {}

    private void hear(WatchResponse message) {
      if (ended) {
        return;
      }
      assertThat(message.getWatchId()).isEqualTo(id);
      if (message.getEndCase() != WatchResponse.EndCase.END_NOT_SET) {
        assertThat(message.hasRefused()).as("NeverRefused: %s", message).isFalse();
        land.scheduler.after(land.scheduler.pick(1000, 30_000_000), this::reopen);
        ended = true;
        return;
      }
      assertThat(created || message.getCreated()).as("CreatedFirst").isTrue();
      created = true;
      for (ByteString event : message.getEventsList()) {
        take(parse(event));
      }
      if (message.getFragment()) {
        assertThat(message.getResolved()).isZero();
      }
      if (message.getResolved() > frontier) {
        frontier = message.getResolved();
        for (Seen one : pending) {
          assertThat(one.revision()).as("ResolvedCoversEvents").isLessThanOrEqualTo(frontier);
        }
        seen.addAll(pending);
        pending.clear();
      }
    }

    private void take(Seen event) {
      assertThat(event.revision()).as("NothingAtOrBelowResolved").isGreaterThan(frontier);
      assertThat(piece.contains(event.key())).as("OnlyItsRange").isTrue();
      if (!pending.isEmpty()) {
        Seen last = pending.get(pending.size() - 1);
        assertThat(event.revision() > last.revision()
                || (event.revision() == last.revision() && event.sub() > last.sub()))
            .as("InOrder: %s after %s", event, last)
            .isTrue();
      }
      pending.add(event);
    }

    void reopen() {
      if (parts.remove(this)) {
        ended = true;
        reopened++;
        connection.close();
        open(piece, frontier);
      }
    }
  }

  private static Seen parse(ByteString bytes) {
    try {
      WatchEvent event = WatchEvent.parseFrom(bytes);
      KeyValue kv = event.getKv();
      return new Seen(
          kv.getModRevision(),
          event.getSub(),
          Bytes.of(kv.getKey()),
          event.getDelete(),
          Bytes.of(kv.getValue()),
          Bytes.of(event.getPrevious().getValue()));
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }
}
