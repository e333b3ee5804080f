package io.quorate.store;

import io.quorate.client.placement.OracleClient;
import io.quorate.region.host.Oracle;
import io.quorate.region.host.OracleException;
import io.quorate.region.host.OracleMemory;
import io.quorate.region.host.OracleState;
import io.quorate.region.host.Stamps;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * PD's oracle as the store's regions see it: all their asks share one stream, and no answer that goes back passes.
 *
 * <p>Owner: {@link StoreNode}. Thread-safe; futures complete on the placement client's loop.
 */
final class PlacementOracle implements Oracle {
  private final OracleClient client;
  private final OracleMemory memory;

  /**
   * @param highestRevision the highest in the store's own data
   */
  PlacementOracle(OracleClient client, long highestRevision) {
    this.client = client;
    this.memory = new OracleMemory(highestRevision);
    client.observe(highestRevision);
  }

  @Override
  public CompletableFuture<Stamps> next(int count) {
    long seen = memory.newest().revision();
    CompletableFuture<Stamps> result = new CompletableFuture<>();
    var unused = client.next(count).whenComplete((block, failure) -> {
      if (block == null) {
        result.completeExceptionally(new OracleException(message(failure)));
        return;
      }
      Stamps stamps = new Stamps(block.first(), block.last(), state(block.state()));
      settle(result, stamps, memory.acceptNext(stamps, seen));
    });
    return result;
  }

  @Override
  public CompletableFuture<OracleState> current() {
    long seen = memory.newest().revision();
    CompletableFuture<OracleState> result = new CompletableFuture<>();
    var unused = client.current().whenComplete((answer, failure) -> {
      if (answer == null) {
        result.completeExceptionally(new OracleException(message(failure)));
        return;
      }
      OracleState state = state(answer);
      settle(result, state, memory.acceptCurrent(state, seen));
    });
    return result;
  }

  @Override
  public OracleState newestKnown() {
    return memory.newest();
  }

  private static <T> void settle(CompletableFuture<T> result, T answer, Optional<String> stale) {
    if (stale.isPresent()) {
      result.completeExceptionally(new OracleException(stale.get()));
    } else {
      result.complete(answer);
    }
  }

  private static String message(Throwable failure) {
    return "the revision oracle did not answer: " + failure.getMessage();
  }

  private static OracleState state(io.quorate.client.placement.OracleState answer) {
    return new OracleState(
        answer.revision(),
        answer.compacted(),
        answer.authRevision(),
        answer.featureLevel(),
        answer.term());
  }
}
