package io.quorate.client.placement;

import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.quorate.auth.AuthError;
import io.quorate.client.retry.Backoff;
import io.quorate.client.transport.Endpoint;
import io.quorate.proto.PlacementError;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * One question to whoever leads PD, asked again until it is answered or its time is over. Owned by
 * {@link PlacementClient}; confined to its loop. All questions of PD may be repeated safely.
 */
final class LeaderCall<Q, A> {
  private final LeaderFinder finder;
  private final PlacementClientConfig config;
  private final ScheduledExecutorService loop;
  private final Set<LeaderCall<?, ?>> open;
  private final MethodDescriptor<Q, A> method;
  private final Supplier<Q> request;
  private final Function<A, PlacementError> errorOf;
  private final long deadlineNanos;
  private final CompletableFuture<A> result = new CompletableFuture<>();
  private int failures;
  private String lastFailure = "no attempt was made";

  LeaderCall(
      LeaderFinder finder,
      PlacementClientConfig config,
      ScheduledExecutorService loop,
      Set<LeaderCall<?, ?>> open,
      MethodDescriptor<Q, A> method,
      Supplier<Q> request,
      Function<A, PlacementError> errorOf) {
    this.finder = finder;
    this.config = config;
    this.loop = loop;
    this.open = open;
    this.method = method;
    this.request = request;
    this.errorOf = errorOf;
    this.deadlineNanos = System.nanoTime() + config.requestTimeout().toNanos();
  }

  CompletableFuture<A> result() {
    return result;
  }

  void start() {
    open.add(this);
    attempt();
  }

  void fail(PlacementException failure) {
    open.remove(this);
    result.completeExceptionally(failure);
  }

  private void attempt() {
    if (result.isDone()) {
      return;
    }
    var unused = finder.leader().whenComplete((leader, failure) -> {
      if (failure instanceof PlacementException known
          && known.code() == PlacementError.Code.WRONG_CLUSTER) {
        fail(known);
      } else if (failure != null) {
        again(String.valueOf(failure.getMessage()));
      } else {
        ask(leader);
      }
    });
  }

  private void ask(Endpoint leader) {
    long remaining = deadlineNanos - System.nanoTime();
    if (remaining <= 0) {
      again(lastFailure);
      return;
    }
    var unused = Unary.call(
            finder.channel(leader),
            method,
            request.get(),
            Math.min(remaining, config.patienceNanos(failures)))
        .whenComplete((answer, failure) -> {
          if (failure != null) {
            Status status = Status.fromThrowable(failure);
            Optional<AuthError> denied = AuthError.of(String.valueOf(status.getDescription()))
                .filter(error -> error != AuthError.INVALID_TOKEN);
            if (denied.isPresent()) {
              fail(new PlacementException(
                  PlacementError.Code.INVALID, denied.get().text()));
              return;
            }
            finder.failed(leader);
            again(leader + ": " + finder.explain(status));
          } else {
            judge(leader, answer);
          }
        });
  }

  private void judge(Endpoint leader, A answer) {
    PlacementError error = errorOf.apply(answer);
    switch (error.getCode()) {
      case OK -> {
        open.remove(this);
        result.complete(answer);
      }
      case NOT_LEADER -> {
        finder.notLeading(leader, error.getLeaderAddress());
        again(leader + " does not lead: " + error.getMessage());
      }
      case NOT_BOOTSTRAPPED, BUSY, UNAVAILABLE -> again(leader + ": " + error.getMessage());
      default -> fail(new PlacementException(error.getCode(), error.getMessage()));
    }
  }

  private void again(String why) {
    lastFailure = why;
    failures++;
    long pause = new Backoff(config.backoffMin().toMillis(), config.backoffMax().toMillis())
        .delayMillis(failures, ThreadLocalRandom.current().nextDouble());
    long left = TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime());
    if (left <= pause) {
      fail(new PlacementException(
          PlacementError.Code.UNAVAILABLE,
          "the placement driver gave no answer within "
              + config.requestTimeout().toMillis() + " ms; last: " + lastFailure));
    } else if (!result.isDone()) {
      var unused = loop.schedule(this::attempt, pause, TimeUnit.MILLISECONDS);
    }
  }
}
