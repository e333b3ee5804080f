package io.quorate.raft.sim;

/**
 * What goes wrong in a simulated group, and how long things take.
 *
 * @param lostProposals share of proposals that are dropped after they were taken, their outcome unknown to the proposer
 * @param unknownOutcomes share of proposals whose proposer is told "unknown" though they are committed, now or by a later leader
 * @param failedBarriers share of read barriers that fail though the replica leads
 * @param minDelayNanos least time of a message or an apply step
 * @param maxDelayNanos most time of it
 */
public record SimFaults(
    double lostProposals,
    double unknownOutcomes,
    double failedBarriers,
    long minDelayNanos,
    long maxDelayNanos) {
  /** Nothing goes wrong; messages take 0.1 to 1 ms. */
  public static SimFaults none() {
    return new SimFaults(0, 0, 0, 100_000, 1_000_000);
  }

  /** A bad day: some of everything, messages take 0.1 to 20 ms. */
  public static SimFaults bad() {
    return new SimFaults(0.05, 0.05, 0.05, 100_000, 20_000_000);
  }
}
