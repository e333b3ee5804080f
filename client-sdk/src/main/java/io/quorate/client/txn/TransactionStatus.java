package io.quorate.client.txn;

/** What can be said of a transaction whose outcome was unknown. */
public sealed interface TransactionStatus {
  /** It was done, at the revision. */
  record Committed(long revision) implements TransactionStatus {}

  /** It was not done, and never will be. */
  record RolledBack() implements TransactionStatus {}

  /** Not decided yet: its locks live. Ask again. */
  record Pending() implements TransactionStatus {}

  /** Nothing is known of it any more, or never was: what was decided is kept only until it is settled everywhere. */
  record Forgotten() implements TransactionStatus {}
}
