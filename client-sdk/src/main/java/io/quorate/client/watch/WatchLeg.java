package io.quorate.client.watch;

import io.quorate.client.retry.Attempt;
import io.quorate.client.retry.Decision;
import io.quorate.client.retry.Failure;
import io.quorate.client.route.Route;
import io.quorate.client.route.RoutingTable;
import io.quorate.model.Peer;
import io.quorate.model.RegionError;
import io.quorate.model.StoreDescriptor;
import io.quorate.model.Wire;
import io.quorate.proto.WatchCreate;
import io.quorate.proto.WatchResponse;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The piece of a watch that lies in one region: finds the region's leader, listens, and when it is told to go elsewhere, or hears
 * nothing, goes, and begins behind what was told completely. Owned by its {@link WatchSession}; confined to the client's loop.
 */
final class WatchLeg implements WatchStream.Ear {
  /** What it is about. */
  private enum Phase {
    /** It looks for its region, or pauses. */
    SEEKING,
    LISTENING,
    /** There is no room for what it would hear. */
    SUSPENDED,
    /** Others have taken its place, or the watch has ended. */
    GONE
  }

  /** After so long without trouble, earlier trouble does not count any more. */
  private static final long FORGIVE_NANOS = 1_000_000_000;

  private final WatchSession session;
  private final WatchClient client;
  private final WatchMerge.Part part;
  private Phase phase = Phase.SEEKING;
  private @Nullable WatchStream stream;
  private @Nullable Route route;
  private @Nullable Peer peer;
  private long id;
  private int failures;
  private boolean asked;
  private boolean created;
  private long heardNanos;
  private long openedNanos;
  /** Tells a pause or a look-up that it was overtaken. */
  private int generation;

  WatchLeg(WatchSession session, WatchMerge.Part part) {
    this.session = session;
    this.client = session.client();
    this.part = part;
  }

  WatchMerge.Part part() {
    return part;
  }

  // ------------------------------------------------------------------ finding the region

  void route() {
    int mine = ++generation;
    phase = Phase.SEEKING;
    List<RoutingTable.Piece> pieces = client.directory().table().split(part.range());
    for (RoutingTable.Piece piece : pieces) {
      if (piece.route() == null) {
        var unused = client
            .directory()
            .load(piece.range().start())
            .whenComplete((loaded, problem) -> client.onLoop(() -> {
              if (mine == generation) {
                if (problem == null && isKnown(piece)) {
                  route();
                } else {
                  failed(new Failure.NoRoute("the placement driver told no region: " + problem));
                }
              }
            }));
        return;
      }
    }
    if (pieces.size() == 1) {
      open(pieces.get(0));
      return;
    }
    phase = Phase.GONE;
    List<WatchLeg> legs =
        session.replace(this, pieces.stream().map(RoutingTable.Piece::range).toList());
    for (int i = 0; i < legs.size(); i++) {
      legs.get(i).open(pieces.get(i));
    }
  }

  private boolean isKnown(RoutingTable.Piece piece) {
    return client.directory().table().find(piece.range().start()) != null;
  }

  private void open(RoutingTable.Piece piece) {
    Route to = piece.route();
    if (to == null) {
      throw new IllegalStateException("a gap in the routes: " + piece.range());
    }
    // Where the first choice failed, the leader is asked: a replica may be down or far behind.
    boolean anywhere = session.options().anyReplica() && failures == 0;
    Peer asking = anywhere ? to.anyPeer(ThreadLocalRandom.current()) : to.peerToAsk(failures);
    route = to;
    peer = asking;
    StoreDescriptor store = client.directory().store(asking.store());
    if (store == null) {
      failed(new Failure.NoRoute("the address of store " + asking.store() + " is unknown"));
      return;
    }
    WatchStream on = client.stream(store);
    stream = on;
    phase = Phase.LISTENING;
    created = false;
    asked = false;
    openedNanos = System.nanoTime();
    heardNanos = openedNanos;
    WatchOptions options = session.options();
    id = on.create(
        WatchCreate.newBuilder()
            .setRegionId(to.region().id().value())
            .setEpoch(to.wireEpoch())
            .setRange(Wire.range(part.range()))
            .setStartRevision(part.frontier() + 1)
            .setNoPut(options.noPut())
            .setNoDelete(options.noDelete())
            .setPrevious(options.previous())
            .setAnyReplica(options.anyReplica())
            .setResumed(part.frontier() + 1 > session.start()),
        this);
  }

  // ------------------------------------------------------------------ listening

  @Override
  public void heard(WatchResponse response) {
    if (phase != Phase.LISTENING) {
      return;
    }
    heardNanos = System.nanoTime();
    if (WatchSession.isFinal(response)) {
      session.refused(response.getRefused());
    } else if (response.getEndCase() != WatchResponse.EndCase.END_NOT_SET) {
      session.merge().interrupted(part);
      failed(WatchSession.failure(response));
    } else {
      created |= response.getCreated();
      if (response.getResolved() != 0) {
        asked = false;
      }
      Route to = route;
      Peer answered = peer;
      if (response.getCreated()
          && !session.options().anyReplica()
          && to != null
          && answered != null
          && to.leader() == null) {
        client.directory().leaderIs(to.region(), answered);
      }
      take(response);
    }
  }

  private void take(WatchResponse response) {
    try {
      session.heard(this, response);
    } catch (IllegalArgumentException | IllegalStateException e) {
      // What does not fit is not told to the user: it is asked for again, from where all was well.
      leaveStream();
      session.merge().interrupted(part);
      failed(new Failure.Broken(/* sent= */ true, String.valueOf(e.getMessage())));
    }
  }

  @Override
  public void broken(String why) {
    if (phase == Phase.LISTENING) {
      session.merge().interrupted(part);
      failed(new Failure.Broken(/* sent= */ true, why));
    }
  }

  /** Wants to hear how far it is resolved, unless it has asked already. */
  void ask() {
    WatchStream on = stream;
    if (phase == Phase.LISTENING && created && !asked && on != null) {
      asked = true;
      heardNanos = System.nanoTime();
      on.ask(id);
    }
  }

  void suspend() {
    if (phase == Phase.LISTENING) {
      leaveStream();
      session.merge().interrupted(part);
      phase = Phase.SUSPENDED;
    }
  }

  void resume() {
    if (phase == Phase.SUSPENDED) {
      route();
    }
  }

  void tick(long nowNanos, long silence) {
    if (phase != Phase.LISTENING) {
      return;
    }
    if (nowNanos - openedNanos > FORGIVE_NANOS && created) {
      failures = 0;
    }
    if (nowNanos - heardNanos > silence) {
      if (asked || !created) {
        leaveStream();
        session.merge().interrupted(part);
        failed(new Failure.TimedOut(/* sent= */ true, "the store told nothing when asked"));
      } else {
        ask();
      }
    }
  }

  private void leaveStream() {
    WatchStream on = stream;
    if (on != null) {
      on.cancel(id);
      stream = null;
    }
  }

  /** The watch ends. */
  void leave() {
    generation++;
    phase = Phase.GONE;
    leaveStream();
  }

  // ------------------------------------------------------------------ going elsewhere

  private void failed(Failure failure) {
    stream = null;
    phase = Phase.SEEKING;
    int mine = ++generation;
    learn(failure);
    failures++;
    Decision decision = client
        .retry()
        .decide(
            new Attempt(failures, /* repeatable= */ true, /* doubtful= */ false, Long.MAX_VALUE),
            failure,
            ThreadLocalRandom.current().nextDouble());
    if (!(decision instanceof Decision.Retry retry)) {
      session.hopeless(failure);
      return;
    }
    Route from = route;
    Peer was = peer;
    if (from != null) {
      if (retry.otherPeer() && was != null) {
        client.directory().leaderFailed(from.region(), was);
      }
      if (retry.refresh()) {
        var unused = client.directory().refresh(from.region());
      }
    }
    client.later(retry.pauseMillis(), () -> {
      if (mine == generation && phase == Phase.SEEKING) {
        route();
      }
    });
  }

  private void learn(Failure failure) {
    Route from = route;
    Peer was = peer;
    if (!(failure instanceof Failure.Answered answered)) {
      return;
    }
    RegionError error = answered.error();
    if (error instanceof RegionError.EpochMismatch mismatch) {
      client.directory().learn(mismatch.current());
    } else if (error instanceof RegionError.KeyOutOfRange out) {
      client.directory().learn(List.of(out.current()));
    } else if (error instanceof RegionError.NotLeader notLeader && from != null && was != null) {
      if (notLeader.leader().isPresent() && !notLeader.leader().get().equals(was)) {
        client.directory().leaderIs(from.region(), notLeader.leader().get());
      } else {
        client.directory().leaderFailed(from.region(), was);
      }
    }
  }
}
