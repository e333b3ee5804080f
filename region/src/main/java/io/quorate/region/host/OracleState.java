package io.quorate.region.host;

/**
 * Everything that one oracle answer makes effective at once.
 *
 * @param revision highest number handed out, at least 1 once any was seen; 0 before that
 * @param compacted reads below it are refused; at most {@code revision}
 * @param authRevision of users and roles; 0 while there are none
 * @param featureLevel commands of a later level must not be proposed
 * @param term of the PD leader that answered
 */
public record OracleState(
    long revision, long compacted, long authRevision, long featureLevel, long term) {
  /** Before the first answer. */
  public static final OracleState UNKNOWN = new OracleState(0, 0, 0, 0, 0);
}
