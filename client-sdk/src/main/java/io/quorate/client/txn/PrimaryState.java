package io.quorate.client.txn;

import io.quorate.model.KeyRange;
import java.util.List;

/** What a transaction's primary says of it. */
public sealed interface PrimaryState {
  /** Where its locks may be, as far as the primary knows. */
  List<KeyRange> spans();

  /** Done, at the revision. */
  record Committed(long revision, List<KeyRange> spans) implements PrimaryState {}

  /** Never will be done. */
  record RolledBack(List<KeyRange> spans) implements PrimaryState {}

  /**
   * Not decided.
   *
   * @param leftMillis until it may be rolled back
   * @param minCommit it will not be committed below
   */
  record Live(long leftMillis, long minCommit, List<KeyRange> spans) implements PrimaryState {}

  /** Nothing of it is there: not yet, or not any more. */
  record Absent() implements PrimaryState {
    @Override
    public List<KeyRange> spans() {
      return List.of();
    }
  }
}
