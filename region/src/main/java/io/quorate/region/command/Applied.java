package io.quorate.region.command;

import io.quorate.region.lease.LeaseChange;
import io.quorate.region.transaction.LockChange;
import java.util.ArrayList;
import java.util.List;

/**
 * All that applying one command brings about.
 *
 * @param mutations what to write, in order; empty unless the outcome is done
 * @param leases what becomes of leases and of which keys hang on which
 * @param locks what becomes of the locks and records of transactions
 * @param outcome what the caller is told
 */
public record Applied(
    List<Mutation> mutations, List<LeaseChange> leases, List<LockChange> locks, Outcome outcome) {
  public Applied {
    mutations = List.copyOf(mutations);
    leases = List.copyOf(leases);
    locks = List.copyOf(locks);
  }

  /** Of what has to do with no transaction. */
  public Applied(List<Mutation> mutations, List<LeaseChange> leases, Outcome outcome) {
    this(mutations, leases, List.of(), outcome);
  }

  /** Of what has to do with no lease either. */
  public Applied(List<Mutation> mutations, Outcome outcome) {
    this(mutations, List.of(), outcome);
  }

  /** The same, of a write that has a name. */
  Applied named(WriteName name) {
    if (mutations.isEmpty()) {
      return this;
    }
    List<Mutation> named = new ArrayList<>(mutations.size());
    for (Mutation mutation : mutations) {
      named.add(new Mutation(mutation.key(), mutation.version(), name));
    }
    return new Applied(named, leases, locks, outcome);
  }

  /** Of what writes no version. */
  public static Applied ofLocks(List<LockChange> locks, Outcome outcome) {
    return new Applied(List.of(), List.of(), locks, outcome);
  }

  public static Applied refused(Refusal refusal) {
    return new Applied(List.of(), new Outcome.Refused(refusal));
  }
}
