package io.quorate.cli;

import io.quorate.client.placement.PlacementClient;
import io.quorate.client.placement.PlacementException;
import io.quorate.model.StoreId;
import io.quorate.proto.OperatorStatus;
import io.quorate.proto.StoreState;
import io.quorate.proto.StoreStatus;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * Watches what was ordered until it is done, and says how it goes. Thread: the command's, which it blocks.
 *
 * @param placement asked again and again
 * @param progress where each change is told, in one line
 * @param patience with all of it
 */
record WaitLoop(PlacementClient placement, PrintWriter progress, Duration patience) {
  private static final Duration LOOK_AGAIN = Duration.ofMillis(200);

  /** Operators that ended which are looked through for those that are waited for. */
  private static final int ENDED_LISTED = 1_000;

  /** As they stand in the end, whether they are done or the time is over. */
  List<OperatorStatus> operators(List<OperatorStatus> ordered) {
    Map<Long, OperatorStatus> known = new HashMap<>();
    ordered.forEach(operator -> known.put(operator.getNumber(), operator));
    Map<Long, String> told = new HashMap<>();
    await(() -> {
      List<OperatorStatus> listed =
          placement.admin().listOperators(ENDED_LISTED).join();
      for (OperatorStatus operator : List.copyOf(known.values())) {
        Optional<OperatorStatus> now = listed.stream().filter(is(operator)).findFirst();
        known.put(operator.getNumber(), now.orElseGet(() -> forgotten(operator)));
      }
      known.forEach((number, operator) -> {
        String line = line(operator);
        if (!line.equals(told.put(number, line))) {
          say(line);
        }
      });
      return known.values().stream()
          .noneMatch(operator -> operator.getState() == OperatorStatus.State.RUNNING);
    });
    List<OperatorStatus> all = new ArrayList<>();
    ordered.forEach(operator -> all.add(known.getOrDefault(operator.getNumber(), operator)));
    return all;
  }

  /** Numbers are of one leader's term: the region must be the same, too. */
  private static Predicate<OperatorStatus> is(OperatorStatus operator) {
    return other -> other.getNumber() == operator.getNumber()
        && other.getRegionId() == operator.getRegionId()
        && other.getStepsList().equals(operator.getStepsList());
  }

  private static OperatorStatus forgotten(OperatorStatus operator) {
    return operator.getState() != OperatorStatus.State.RUNNING
        ? operator
        : operator.toBuilder()
            .setState(OperatorStatus.State.CANCELLED)
            .setNote("another placement driver leads since, which does not know of it")
            .build();
  }

  private static String line(OperatorStatus operator) {
    String region = "region " + operator.getRegionId() + ": ";
    if (operator.getState() == OperatorStatus.State.RUNNING) {
      int step = Math.min(operator.getStep(), operator.getStepsCount() - 1);
      return region + "step " + (step + 1) + " of " + operator.getStepsCount() + ", "
          + operator.getSteps(step);
    }
    return region
        + operator.getState()
        + (operator.getNote().isEmpty() ? "" : ": " + operator.getNote());
  }

  /** Until the store is retired; whether it is. */
  boolean retired(StoreId store) {
    return store(
        store,
        status -> status.getStore().getState() == StoreState.RETIRED,
        status -> "store " + store + " is " + status.getStore().getState() + ", holds "
            + status.getStats().getRegionCount() + " replicas");
  }

  /** Until the store leads no region; whether it does not. */
  boolean leadsNothing(StoreId store) {
    return store(
        store,
        status -> status.getStats().getLeaderCount() == 0,
        status -> "store " + store + " is " + status.getStore().getState() + ", leads "
            + status.getStats().getLeaderCount() + " regions");
  }

  private interface Words {
    String of(StoreStatus status);
  }

  private boolean store(StoreId store, Predicate<StoreStatus> done, Words words) {
    String[] told = {""};
    return await(() -> {
      Optional<StoreStatus> now = placement.listStores().join().stream()
          .filter(status -> status.getStore().getStoreId() == store.value())
          .findFirst();
      now.map(words::of).filter(line -> !line.equals(told[0])).ifPresent(line -> {
        told[0] = line;
        say(line);
      });
      return now.filter(done).isPresent();
    });
  }

  private void say(String line) {
    progress.println(line);
    progress.flush();
  }

  private boolean await(BooleanSupplier done) {
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      try {
        if (done.getAsBoolean()) {
          return true;
        }
      } catch (PlacementException | CompletionException e) {
        say("no answer from the placement driver, asking again: "
            + Failure.of(e).message());
      }
      if (System.nanoTime() - deadline >= 0) {
        return false;
      }
      new CompletableFuture<Void>()
          .completeOnTimeout(null, LOOK_AGAIN.toMillis(), TimeUnit.MILLISECONDS)
          .join();
    }
  }
}
