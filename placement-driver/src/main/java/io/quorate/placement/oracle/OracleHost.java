package io.quorate.placement.oracle;

import io.quorate.placement.cluster.ClusterImage;
import io.quorate.placement.cluster.ExtendRevisions;
import io.quorate.placement.cluster.PlacementCodec;
import io.quorate.placement.cluster.Ruling;
import io.quorate.placement.metrics.PlacementMetrics;
import io.quorate.proto.OracleAnswer;
import io.quorate.proto.OracleAsk;
import io.quorate.proto.OracleResponse;
import io.quorate.proto.PlacementError;
import io.quorate.raft.LogException;
import io.quorate.raft.ReadPoint;
import io.quorate.raft.ReplicatedLog;
import java.util.ArrayDeque;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands out revisions on the member that leads PD's group: every ask is answered only after a read barrier that began after
 * the ask arrived, and only in the term the barrier confirmed. One barrier serves all asks that waited when it began; those
 * that arrive meanwhile make the next batch, so the load sets the batch size and no timer does.
 *
 * <p><b>Unique.</b> See {@link RevisionWindow}: the bound comes from the log, proposed under the leader's own term.
 *
 * <p><b>In real-time order.</b> Let ask B begin after the write that got number a was acknowledged. If one leader gave both,
 * its counter orders them. Otherwise let term s have given a, and t confirm B after B arrived. Were t &lt; s, then s's
 * leader had been elected before it gave a, hence before B arrived, and a majority would have refused to confirm t
 * afterwards. So t &gt; s, and t's start lies above every bound of s.
 *
 * <p><b>A pause between confirmation and answer</b> (SIGSTOP, garbage collection) is safe although a later leader may answer
 * others meanwhile: the numbers of the confirmed term are smaller than those of the later one, but the ask had arrived before
 * the later term gave its first number, or the barrier had failed. So everything the later term stamped is concurrent with
 * the asker's operation, which may be ordered before it. The same holds for {@code current()}: what a read at an older number
 * misses was acknowledged after the read began. Stores refuse answers of smaller terms than they have seen, which also bounds
 * how long such an answer can be in use.
 *
 * <p>Thread: any. State is guarded by {@code lock}; replies are sent outside it, numbers by the one thread that settles the
 * batch in flight.
 */
public final class OracleHost {
  private static final Logger LOG = LoggerFactory.getLogger(OracleHost.class);

  private final ReplicatedLog<Ruling> log;
  private final Supplier<ClusterImage> image;
  private final Supplier<String> leaderAddress;
  private final LongSupplier nanoTime;
  private final OracleLimits limits;
  private final PlacementMetrics metrics;

  private final Object lock = new Object();
  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
  private int waitingAsks;
  private @Nullable RevisionWindow window;
  private boolean settling;
  private boolean starved;
  /** Term of the extension that is on its way through the log; 0 if none is. */
  private long extendingTerm;

  /**
   * @param image the newest applied image
   * @param leaderAddress where PD's leader is believed to be, empty if unknown
   * @param nanoTime monotonic, for metrics only
   */
  public OracleHost(
      ReplicatedLog<Ruling> log,
      Supplier<ClusterImage> image,
      Supplier<String> leaderAddress,
      LongSupplier nanoTime,
      OracleLimits limits,
      PlacementMetrics metrics) {
    this.log = log;
    this.image = image;
    this.leaderAddress = leaderAddress;
    this.nanoTime = nanoTime;
    this.limits = limits;
    this.metrics = metrics;
  }

  /** This member leads the term; everything of earlier terms is in the image. Called on the apply thread. */
  public void onLeading(long term) {
    synchronized (lock) {
      if (window != null && window.term() >= term) {
        return;
      }
      window = RevisionWindow.startOf(term, image.get().revisionBound());
      starved = false;
      LOG.info("oracle term={} starts at revision {}", term, window.counter());
    }
    extendIfDue();
  }

  /** This member does not lead the term any more. May come late. */
  public void onLeadershipLost(long term) {
    List<Waiting> orphans;
    synchronized (lock) {
      if (window == null || window.term() > term) {
        return;
      }
      window = null;
      starved = false;
      orphans = takeWaiting();
    }
    refuse(orphans, notLeader());
  }

  /** Whether this member believes that it leads; asks are answered only once that is confirmed. */
  public boolean isLeading() {
    synchronized (lock) {
      return window != null;
    }
  }

  /** The newest revision as this member believes, unconfirmed; empty if it does not believe that it leads. */
  public OptionalLong newest() {
    synchronized (lock) {
      return window == null ? OptionalLong.empty() : OptionalLong.of(window.counter());
    }
  }

  /** Hands out nothing at or below the number any more. A greater bound must be in the log already. */
  public void raise(long to) {
    synchronized (lock) {
      if (window != null) {
        window = window.raisedTo(to);
      }
    }
    extendIfDue();
  }

  /** Answers the asks of one message, now or once leadership is confirmed. */
  public void ask(OracleSink sink, List<OracleAsk> asks) {
    if (asks.isEmpty()) {
      return;
    }
    for (OracleAsk ask : asks) {
      if (ask.getCount() < 0 || ask.getCount() > limits.countMax()) {
        String message = "an ask for " + Integer.toUnsignedString(ask.getCount())
            + " revisions: at most " + limits.countMax() + " at once";
        refuse(List.of(new Waiting(sink, asks)), error(PlacementError.Code.INVALID, message));
        return;
      }
    }
    PlacementError refusal = null;
    boolean drain = false;
    synchronized (lock) {
      if (window == null) {
        refusal = notLeader();
      } else if (waitingAsks + asks.size() > limits.waitingAsksMax()) {
        refusal = error(
            PlacementError.Code.BUSY,
            waitingAsks + " asks for revisions are waiting already: back off");
      } else {
        waiting.add(new Waiting(sink, asks));
        waitingAsks += asks.size();
        drain = mayDrain();
      }
    }
    if (refusal != null) {
      refuse(List.of(new Waiting(sink, asks)), refusal);
    }
    if (drain) {
      drain();
    }
  }

  /** Repeats an extension whose outcome was lost; called every now and then by the node. */
  public void tick() {
    extendIfDue();
  }

  /** Claims the right to settle batches if there is something to settle and nobody else does. Under the lock. */
  private boolean mayDrain() {
    if (settling || starved || waiting.isEmpty()) {
      return false;
    }
    settling = true;
    return true;
  }

  /** Confirms and settles batch after batch until nothing waits; only the claimant of {@code settling} runs it. */
  private void drain() {
    while (true) {
      List<Waiting> batch;
      synchronized (lock) {
        if (starved || waiting.isEmpty()) {
          settling = false;
          return;
        }
        batch = takeWaiting();
      }
      long began = nanoTime.getAsLong();
      CompletableFuture<ReadPoint> barrier = log.readBarrier();
      if (!barrier.isDone()) {
        var unused = barrier.whenComplete((point, failure) -> {
          settleOrSay(batch, began, point, failure);
          drain();
        });
        return;
      }
      var unused =
          barrier.whenComplete((point, failure) -> settleOrSay(batch, began, point, failure));
    }
  }

  /** Top of whatever thread the barrier ends on: a defect must not leave the oracle claimed for good. */
  private void settleOrSay(
      List<Waiting> batch, long began, @Nullable ReadPoint point, @Nullable Throwable failure) {
    try {
      settle(batch, began, point, failure);
    } catch (RuntimeException e) {
      LOG.error("oracle could not settle {} asks", count(batch), e);
      refuse(
          batch, error(PlacementError.Code.UNAVAILABLE, "PD failed to answer: " + e.getMessage()));
    }
  }

  private void settle(
      List<Waiting> batch, long began, @Nullable ReadPoint point, @Nullable Throwable failure) {
    if (point == null) {
      refuse(batch, unconfirmed(failure));
      return;
    }
    metrics.confirmed(count(batch), nanoTime.getAsLong() - began);
    Settlement settlement = new Settlement(image.get(), point.term());
    boolean confirmed;
    synchronized (lock) {
      confirmed = window != null && window.term() == point.term();
      if (window != null && confirmed) {
        List<Waiting> rest = settlement.assign(batch, window);
        window = settlement.window();
        for (int i = rest.size() - 1; i >= 0; i--) {
          waiting.addFirst(rest.get(i));
          waitingAsks += rest.get(i).asks().size();
          starved = true;
        }
      }
    }
    if (!confirmed) {
      refuse(batch, notLeader());
      return;
    }
    extendIfDue();
    metrics.answered(settlement.answers(), settlement.numbers());
    settlement.send();
    refuse(settlement.ahead(), behind(settlement));
  }

  private void extendIfDue() {
    RevisionWindow from;
    synchronized (lock) {
      if (window == null
          || extendingTerm == window.term()
          || !(starved || window.isExtensionDue(limits.windowSize()))) {
        return;
      }
      from = window;
      extendingTerm = from.term();
    }
    long bound = from.counter() + limits.windowSize();
    var unused = log.propose(PlacementCodec.encode(new ExtendRevisions(bound)), from.term())
        .whenComplete((ruling, failure) -> extended(from.term(), bound, failure));
  }

  private void extended(long term, long bound, @Nullable Throwable failure) {
    boolean drain = false;
    synchronized (lock) {
      if (extendingTerm == term) {
        extendingTerm = 0;
      }
      if (failure == null && window != null && window.term() == term) {
        window = window.extendedTo(bound);
        starved = false;
        drain = mayDrain();
      }
    }
    if (failure != null) {
      LOG.warn(
          "oracle term={} could not persist revision bound {}: {}",
          term,
          bound,
          failure.getMessage());
    } else {
      metrics.windowExtended();
    }
    if (drain) {
      drain();
    }
  }

  private List<Waiting> takeWaiting() {
    List<Waiting> taken = List.copyOf(waiting);
    waiting.clear();
    waitingAsks = 0;
    return taken;
  }

  private void refuse(List<Waiting> batch, PlacementError error) {
    if (batch.isEmpty()) {
      return;
    }
    metrics.refused(count(batch));
    for (Waiting refused : batch) {
      OracleResponse.Builder response = OracleResponse.newBuilder().setError(error);
      refused
          .asks()
          .forEach(ask -> response.addAnswers(OracleAnswer.newBuilder().setAskId(ask.getAskId())));
      refused.sink().reply(response.build());
    }
  }

  private static int count(List<Waiting> batch) {
    int asks = 0;
    for (Waiting one : batch) {
      asks += one.asks().size();
    }
    return asks;
  }

  private PlacementError unconfirmed(@Nullable Throwable failure) {
    if (failure instanceof LogException refused && refused.kind() == LogException.Kind.NOT_LEADER) {
      return notLeader();
    }
    return error(
        PlacementError.Code.UNAVAILABLE,
        "PD could not confirm its leadership: "
            + (failure == null ? "no answer" : failure.getMessage()));
  }

  private PlacementError notLeader() {
    return error(PlacementError.Code.NOT_LEADER, "this PD does not lead").toBuilder()
        .setLeaderAddress(leaderAddress.get())
        .build();
  }

  /** Nobody can have seen a number that was not handed out: PD's data is older than the cluster's. */
  private static PlacementError behind(Settlement settlement) {
    String message = "PD's revisions are below what a store has seen: PD is at "
        + settlement.window().counter()
        + ", the store has seen " + settlement.seen()
        + ". PD's data was lost or restored from an old copy: restore the newest copy";
    if (!settlement.ahead().isEmpty()) {
      LOG.error("oracle term={} {}", settlement.window().term(), message);
    }
    return error(PlacementError.Code.UNAVAILABLE, message);
  }

  private static PlacementError error(PlacementError.Code code, String message) {
    return PlacementError.newBuilder().setCode(code).setMessage(message).build();
  }
}
