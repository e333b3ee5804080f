package io.quorate.client;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * Collects a transaction. Used by one thread; may be committed once.
 *
 * @param <R> what committing gives: the result, or a future of it
 */
public final class TxnBuilder<R> {
  private final BiFunction<Txn, Optional<Duration>, R> commit;
  private final List<Compare> compares = new ArrayList<>();
  private final List<TxnOp> success = new ArrayList<>();
  private final List<TxnOp> failure = new ArrayList<>();
  private Optional<Duration> timeout = Optional.empty();

  TxnBuilder(BiFunction<Txn, Optional<Duration>, R> commit) {
    this.commit = commit;
  }

  /** Adds conditions. */
  public TxnBuilder<R> when(Compare... conditions) {
    compares.addAll(List.of(conditions));
    return this;
  }

  /** Adds operations to be done if all conditions hold. */
  public TxnBuilder<R> then(TxnOp... operations) {
    success.addAll(List.of(operations));
    return this;
  }

  /** Adds operations to be done if some condition does not hold. */
  public TxnBuilder<R> otherwise(TxnOp... operations) {
    failure.addAll(List.of(operations));
    return this;
  }

  /** For the whole transaction; without it the client's. */
  public TxnBuilder<R> timeout(Duration whole) {
    timeout = Optional.of(whole);
    return this;
  }

  /** What was collected, as a value: to be nested in another. */
  public Txn build() {
    return new Txn(compares, success, failure);
  }

  /** Sends it. */
  public R commit() {
    return commit.apply(build(), timeout);
  }
}
