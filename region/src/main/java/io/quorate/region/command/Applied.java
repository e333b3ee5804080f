package io.quorate.region.command;

import io.quorate.region.lease.LeaseChange;
import java.util.List;

/**
 * All that applying one command brings about.
 *
 * @param mutations what to write, in order; empty unless the outcome is done
 * @param leases what becomes of leases and of which keys hang on which
 * @param outcome what the caller is told
 */
public record Applied(List<Mutation> mutations, List<LeaseChange> leases, Outcome outcome) {
  public Applied {
    mutations = List.copyOf(mutations);
    leases = List.copyOf(leases);
  }

  /** Of what has to do with no lease. */
  public Applied(List<Mutation> mutations, Outcome outcome) {
    this(mutations, List.of(), outcome);
  }

  /** The same, of a write that has a name. */
  Applied named(WriteName name) {
    return mutations.isEmpty()
        ? this
        : new Applied(
            mutations.stream()
                .map(mutation -> new Mutation(mutation.key(), mutation.version(), name))
                .toList(),
            leases,
            outcome);
  }

  public static Applied refused(Refusal refusal) {
    return new Applied(List.of(), new Outcome.Refused(refusal));
  }
}
