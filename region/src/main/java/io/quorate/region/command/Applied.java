package io.quorate.region.command;

import java.util.List;

/**
 * All that applying one command brings about.
 *
 * @param mutations what to write, in order; empty unless the outcome is done
 * @param outcome what the caller is told
 */
public record Applied(List<Mutation> mutations, Outcome outcome) {
  public Applied {
    mutations = List.copyOf(mutations);
  }

  public static Applied refused(Refusal refusal) {
    return new Applied(List.of(), new Outcome.Refused(refusal));
  }
}
