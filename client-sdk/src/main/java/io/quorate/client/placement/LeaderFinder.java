package io.quorate.client.placement;

import io.grpc.Status;
import io.quorate.client.transport.ChannelFactory;
import io.quorate.client.transport.Endpoint;
import io.quorate.client.transport.LoopChannel;
import io.quorate.proto.MembersRequest;
import io.quorate.proto.MembersResponse;
import io.quorate.proto.PlacementError;
import io.quorate.proto.PlacementMember;
import io.quorate.proto.PlacementServiceGrpc;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows the members of the PD group and which of them leads. Owned by {@link PlacementClient};
 * confined to its loop, except for {@link #identity}.
 */
final class LeaderFinder {
  private static final Logger LOG = LoggerFactory.getLogger(LeaderFinder.class);

  private final PlacementClientConfig config;
  private final ChannelFactory factory;
  private final ScheduledExecutorService loop;
  private final Map<Endpoint, LoopChannel> channels = new LinkedHashMap<>();

  private volatile Identity identity;
  private @Nullable Endpoint leader;
  private @Nullable Endpoint suspect;
  private @Nullable CompletableFuture<Endpoint> search;
  private int failedRounds;
  private boolean closed;

  LeaderFinder(
      PlacementClientConfig config, ChannelFactory factory, ScheduledExecutorService loop) {
    this.config = config;
    this.factory = factory;
    this.loop = loop;
    this.identity = new Identity(config.clusterId(), 0, 0, config.clientId());
  }

  Identity identity() {
    return identity;
  }

  void identify(long clusterId, long storeId, long incarnation) {
    identity = new Identity(clusterId, storeId, incarnation, config.clientId());
  }

  /** Why a call to a member failed. */
  String explain(Status status) {
    return factory.explain(status);
  }

  LoopChannel channel(Endpoint endpoint) {
    return channels.computeIfAbsent(endpoint, to -> factory.open(to, loop));
  }

  /** The leader, at once if it is known; concurrent searches are one. */
  CompletableFuture<Endpoint> leader() {
    if (closed) {
      return CompletableFuture.failedFuture(closedNow());
    }
    if (leader != null) {
      return CompletableFuture.completedFuture(leader);
    }
    CompletableFuture<Endpoint> running = search;
    if (running != null) {
      return running;
    }
    CompletableFuture<Endpoint> found = new CompletableFuture<>();
    search = found;
    var unused = askAll().whenComplete((round, failure) -> {
      search = null;
      if (round != null && round.leader() != null) {
        if (!round.leader().equals(suspect)) {
          LOG.debug("pd leader={} term={}", round.leader(), round.best().getTerm());
        }
        suspect = null;
        failedRounds = 0;
        leader = round.leader();
        found.complete(round.leader());
      } else {
        failedRounds++;
        found.completeExceptionally(
            failure != null
                ? failure
                : new PlacementException(
                    PlacementError.Code.UNAVAILABLE,
                    "the placement drivers " + channels.keySet() + " have no leader now"));
      }
    });
    return found;
  }

  /** Members as the best informed member tells; fails if none answers. */
  CompletableFuture<MembersResponse> members() {
    return askAll().thenApply(Round::best);
  }

  /** A member said that it does not lead. */
  void notLeading(Endpoint who, String leaderAddress) {
    if (who.equals(leader)) {
      leader = null;
    }
    if (!leaderAddress.isEmpty()) {
      Endpoint named = Endpoint.parse(leaderAddress);
      if (!named.equals(who)) {
        leader = named;
      }
    }
  }

  /** A member that should lead is silent or gone: look elsewhere first. */
  void failed(Endpoint who) {
    if (who.equals(leader)) {
      leader = null;
      suspect = who;
    }
    LoopChannel channel = channels.get(who);
    if (channel != null) {
      channel.channel().resetConnectBackoff();
    }
  }

  void close() {
    closed = true;
    channels.values().forEach(LoopChannel::close);
  }

  static PlacementException closedNow() {
    return new PlacementException(
        PlacementError.Code.UNAVAILABLE, "the placement client was closed");
  }

  /** What one question to all members brought. */
  private record Round(@Nullable Endpoint leader, MembersResponse best) {}

  private CompletableFuture<Round> askAll() {
    RoundOfAnswers round = new RoundOfAnswers(channels.size());
    config.endpoints().forEach(this::channel);
    Map<Endpoint, LoopChannel> asked = new LinkedHashMap<>(channels);
    round.waiting = asked.size();
    round.asked = asked.size();
    MembersRequest request =
        MembersRequest.newBuilder().setEnvelope(identity.envelope()).build();
    asked.forEach((endpoint, channel) -> {
      channel.channel().resetConnectBackoff();
      var unused = Unary.call(
              channel,
              PlacementServiceGrpc.getMembersMethod(),
              request,
              config.patienceNanos(failedRounds))
          .whenComplete((answer, failure) -> {
            if (failure != null) {
              Status status = Status.fromThrowable(failure);
              round.failed(endpoint, factory.explain(status));
            } else {
              round.answered(endpoint, answer);
            }
          });
    });
    return round.result;
  }

  /** Collects one round of answers; confined to the loop like its owner. */
  private final class RoundOfAnswers {
    private final CompletableFuture<Round> result = new CompletableFuture<>();
    private final StringJoiner failures = new StringJoiner("; ");
    private int asked;
    private int strangers;
    private int waiting;
    private @Nullable MembersResponse best;
    private @Nullable Endpoint candidate;

    RoundOfAnswers(int waiting) {
      this.waiting = waiting;
    }

    void failed(Endpoint endpoint, String why) {
      failures.add(endpoint + ": " + why);
      oneLess();
    }

    void answered(Endpoint endpoint, MembersResponse answer) {
      long theirs = answer.getEnvelope().getClusterId();
      long ours = identity.clusterId();
      if (ours != 0 && theirs != 0 && ours != theirs) {
        String what = "serves cluster " + String.format("%016x", theirs) + ", not "
            + String.format("%016x", ours);
        strangers++;
        failed(endpoint, what);
        return;
      }
      if (ours == 0 && theirs != 0) {
        identity = identity.inCluster(theirs);
      }
      if (best == null || answer.getTerm() >= best.getTerm()) {
        best = answer;
        candidate = leaderOf(answer);
      }
      oneLess();
    }

    private void oneLess() {
      waiting--;
      MembersResponse seen = best;
      if (seen != null && (waiting == 0 || (candidate != null && !candidate.equals(suspect)))) {
        result.complete(new Round(candidate, seen));
      } else if (waiting == 0 && strangers == asked) {
        result.completeExceptionally(new PlacementException(
            PlacementError.Code.WRONG_CLUSTER,
            "no placement driver is of this cluster (" + failures
                + "): give the addresses of the right ones"));
      } else if (waiting == 0) {
        result.completeExceptionally(new PlacementException(
            PlacementError.Code.UNAVAILABLE,
            "no placement driver answers (" + failures
                + "): is it started, is the address right?"));
      }
    }

    private @Nullable Endpoint leaderOf(MembersResponse answer) {
      Endpoint found = null;
      for (PlacementMember member : answer.getMembersList()) {
        Endpoint endpoint = Endpoint.parse(member.getAddress());
        channel(endpoint);
        if (member.getMemberId() == answer.getLeaderId() && answer.getLeaderId() != 0) {
          found = endpoint;
        }
      }
      return found;
    }
  }
}
