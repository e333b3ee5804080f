package io.quorate.client.placement;

/**
 * What PD says at one moment; all of it is effective at once, everywhere.
 *
 * @param revision the highest revision handed out
 * @param compacted below it history may be gone
 * @param authRevision shape of users and roles
 * @param featureLevel highest feature level that may be proposed
 * @param term of the PD leader that answered
 */
public record OracleState(
    long revision, long compacted, long authRevision, long featureLevel, long term) {
  /** Before anything was heard. */
  public static final OracleState NONE = new OracleState(0, 0, 0, 0, 0);
}
