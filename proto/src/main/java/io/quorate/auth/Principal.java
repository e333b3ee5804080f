package io.quorate.auth;

/**
 * Who is behind a call, as it was proven when the call or its stream began.
 *
 * @param kind what it is
 * @param name of a user; empty otherwise
 * @param since auth revision as of which the user was known; a password given later voids it
 */
public record Principal(Kind kind, String name, long since) {
  /** What a caller can be. */
  public enum Kind {
    /** A process of the cluster: it knows the cluster's key. */
    SYSTEM,
    USER,
    /** Nobody who has tried to prove anything. */
    ANONYMOUS,
    /** Somebody whose token is none, or whose time is over. */
    UNPROVEN
  }

  public static final Principal SYSTEM = new Principal(Kind.SYSTEM, "", 0);
  public static final Principal ANONYMOUS = new Principal(Kind.ANONYMOUS, "", 0);

  public static final Principal UNPROVEN = new Principal(Kind.UNPROVEN, "", 0);

  public static Principal user(String name, long since) {
    return new Principal(Kind.USER, name, since);
  }

  /** A user by the common name of a certificate: no password is behind it. */
  public static Principal certified(String name) {
    return new Principal(Kind.USER, name, Long.MAX_VALUE);
  }

  public boolean isSystem() {
    return kind == Kind.SYSTEM;
  }
}
