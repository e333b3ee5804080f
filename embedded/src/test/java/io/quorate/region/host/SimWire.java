package io.quorate.region.host;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.Wire;
import io.quorate.proto.Request;
import io.quorate.proto.Response;
import io.quorate.raft.sim.SimScheduler;
import java.util.concurrent.CompletableFuture;

/**
 * A client's way to the regions of a territory: requests and answers are late, lost, doubled and out of order, and go to replicas that
 * do not lead. Owned by one client of a simulation.
 */
final class SimWire {
  private static final int TRIES_MAX = 24;
  private static final long MILLISECOND = 1_000_000;

  /**
   * How bad it is.
   *
   * @param lost share of messages that never come
   * @param doubled share of requests that come twice
   * @param late share of messages that are seconds late
   */
  record Weather(double lost, double doubled, double late) {
    static final Weather CALM = new Weather(0, 0, 0);
  }

  /** A request that no answer came for: it may have been done. */
  static final class NoAnswer extends RuntimeException {
    NoAnswer(String why) {
      super(why);
    }
  }

  /** The keys of a request lie in several regions. */
  static final class Spanning extends RuntimeException {
    Spanning() {
      super("the keys lie in several regions");
    }
  }

  private final SimTerritory land;
  private final SimScheduler scheduler;
  private final Weather weather;
  private final long clientId;
  private final SimProcess process;
  private long requests;

  SimWire(SimTerritory land, Weather weather, long clientId, SimProcess process) {
    this.land = land;
    this.scheduler = land.scheduler;
    this.weather = weather;
    this.clientId = clientId;
    this.process = process;
  }

  SimProcess process() {
    return process;
  }

  /** The region that owns a key now. */
  RegionDescriptor owner(Bytes key) {
    return land.freshest(key);
  }

  /**
   * Asks the region of the span until it answers by the data.
   *
   * @param repeatable whether it may be asked again, and come twice
   */
  CompletableFuture<Response> ask(
      Bytes key, KeyRange span, boolean repeatable, Request.Builder body) {
    CompletableFuture<Response> answer = new CompletableFuture<>();
    Request request = body.build();
    process.run(() -> attempt(key, span, repeatable, request, 1, answer));
    return answer;
  }

  private void attempt(
      Bytes key,
      KeyRange span,
      boolean repeatable,
      Request body,
      int number,
      CompletableFuture<Response> answer) {
    if (number > TRIES_MAX) {
      answer.completeExceptionally(new NoAnswer("no answer in " + TRIES_MAX + " tries"));
      return;
    }
    RegionDescriptor region = owner(key);
    if (!region.range().contains(span)) {
      answer.completeExceptionally(new Spanning());
      return;
    }
    int leader = land.leaderStore(region.id());
    int store =
        leader == 0 || scheduler.chance(0.05) ? (int) scheduler.pick(1, land.stores()) : leader;
    int patience = (int) scheduler.pick(30, 600);
    Request request = body.toBuilder()
        .setRequestId(++requests)
        .setRegionId(region.id().value())
        .setEpoch(Wire.epoch(region.epoch()))
        .setTimeoutMs(patience)
        .build();
    boolean[] over = {false};
    Runnable again =
        () -> process.run(() -> attempt(key, span, repeatable, body, number + 1, answer));
    int copies = repeatable && scheduler.chance(weather.doubled()) ? 2 : 1;
    for (int copy = 0; copy < copies; copy++) {
      deliver(() -> land.host(store, region.id())
          .ifPresent(host -> host.handle(
              new RegionRequest(request, "", 0, clientId),
              response -> deliver(() -> process.run(() -> {
                if (!over[0]) {
                  over[0] = true;
                  heard(response, repeatable, again, answer);
                }
              })))));
    }
    process.after(patience * MILLISECOND * 2, () -> {
      if (!over[0]) {
        over[0] = true;
        unanswered("silence", repeatable, again, answer);
      }
    });
  }

  private void deliver(Runnable message) {
    if (!scheduler.chance(weather.lost())) {
      scheduler.after(
          scheduler.chance(weather.late())
              ? scheduler.pick(0, 4_000 * MILLISECOND)
              : scheduler.pick(10_000, 3 * MILLISECOND),
          message);
    }
  }

  private void heard(
      Response response, boolean repeatable, Runnable again, CompletableFuture<Response> answer) {
    if (!response.hasRegionError()) {
      answer.complete(response);
    } else if (response.getRegionError().hasIndeterminate()) {
      unanswered(response.getRegionError().getMessage(), repeatable, again, answer);
    } else {
      scheduler.after(scheduler.pick(MILLISECOND, 60 * MILLISECOND), again);
    }
  }

  private void unanswered(
      String why, boolean repeatable, Runnable again, CompletableFuture<Response> answer) {
    if (repeatable) {
      scheduler.after(scheduler.pick(MILLISECOND, 30 * MILLISECOND), again);
    } else {
      answer.completeExceptionally(new NoAnswer(why));
    }
  }
}
