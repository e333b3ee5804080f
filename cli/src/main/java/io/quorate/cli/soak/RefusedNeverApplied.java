package io.quorate.cli.soak;

import java.util.List;

/** A put whose client was told that it was not done is never seen. */
final class RefusedNeverApplied implements Invariant {
  @Override
  public List<String> violations(History history) {
    return history.reads().stream()
        .filter(read -> read.revision() > 0)
        .filter(read -> history
            .put(read.value())
            .filter(put -> put.outcome() == Op.Outcome.REFUSED)
            .isPresent())
        .limit(TOLD_MAX)
        .map(read -> "a refused put shows up: " + read)
        .toList();
  }
}
