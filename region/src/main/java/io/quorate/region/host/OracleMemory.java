package io.quorate.region.host;

import java.util.Optional;

/**
 * What a store remembers of the oracle, and which answers it refuses because of it. One per store; it never goes back.
 * Thread: any.
 */
public final class OracleMemory {
  private volatile OracleState newest;

  /**
   * @param highestRevision the highest revision found in the store's own data, 0 in an empty one
   */
  public OracleMemory(long highestRevision) {
    this.newest = new OracleState(highestRevision, 0, 0, 0, 0);
  }

  public OracleState newest() {
    return newest;
  }

  /**
   * Takes the answer to a {@code current()} in.
   *
   * @param seenAtAsk {@code newest().revision()} when the ask was sent: the answer must not be below it
   * @return why the answer is stale and must be dropped; empty if it was taken
   */
  public synchronized Optional<String> acceptCurrent(OracleState answer, long seenAtAsk) {
    return accept(answer, answer.revision() < seenAtAsk, seenAtAsk);
  }

  /**
   * Takes the answer to a {@code next(n)} in.
   *
   * @param seenAtAsk {@code newest().revision()} when the ask was sent: all numbers drawn must be above it
   * @return why the answer is stale and must be dropped; empty if it was taken
   */
  public synchronized Optional<String> acceptNext(Stamps answer, long seenAtAsk) {
    return accept(answer.state(), answer.first() <= seenAtAsk, seenAtAsk);
  }

  private Optional<String> accept(OracleState answer, boolean belowSeen, long seenAtAsk) {
    if (answer.term() < newest.term()) {
      return Optional.of("oracle answer of term " + answer.term() + " after term " + newest.term());
    }
    if (belowSeen) {
      return Optional.of("oracle answer " + answer.revision() + " not above " + seenAtAsk
          + ", which was seen before the ask: is this the right placement driver, with its data?");
    }
    // Answers of one term may overtake each other: each number of the state keeps its maximum.
    newest = new OracleState(
        Math.max(answer.revision(), newest.revision()),
        Math.max(answer.compacted(), newest.compacted()),
        Math.max(answer.authRevision(), newest.authRevision()),
        Math.max(answer.featureLevel(), newest.featureLevel()),
        answer.term());
    return Optional.empty();
  }
}
