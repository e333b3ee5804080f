package io.quorate.auth;

import java.time.Duration;

/**
 * For how long a process may judge by users and roles that it asked the placement driver about, and how long the placement driver
 * keeps a change to itself before it acknowledges it: by then nobody judges by what was before. Both are measured on a clock that
 * only goes on; none is compared with another machine's.
 */
public final class AuthLease {
  /** Counted from when the question was sent. */
  public static final Duration VALID = Duration.ofMillis(250);

  /** Longer, by what clocks may differ in pace and more. */
  public static final Duration ACK_AFTER = Duration.ofMillis(350);

  private AuthLease() {}
}
