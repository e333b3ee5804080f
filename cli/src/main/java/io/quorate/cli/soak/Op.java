package io.quorate.cli.soak;

/**
 * One operation as its client saw it. Immutable.
 *
 * @param kind what was asked
 * @param key number of the key; -1 where none is concerned
 * @param value what was put, never twice in a run; what was read, 0 if there was nothing
 * @param revision that the put got, or the mod revision that was read; 0 if not known or nothing
 * @param version that was read; 0 for puts
 * @param snapshot revision that a range was read at, or that the oracle said is the newest; else 0
 * @param outcome what the client was told
 * @param began when the client asked, monotonic nanoseconds
 * @param ended when it was answered; the end of time if it was not
 */
public record Op(
    Kind kind,
    int key,
    long value,
    long revision,
    long version,
    long snapshot,
    Outcome outcome,
    long began,
    long ended) {
  /** The end of time. */
  public static final long NEVER = Long.MAX_VALUE;

  /** What was asked. */
  public enum Kind {
    PUT,
    READ,
    /** A revision of its own, from the oracle itself. */
    NEXT,
    /** The newest revision, from the oracle itself. */
    CURRENT
  }

  /** What the client was told. */
  public enum Outcome {
    OK,
    /** Certainly not done, and never will be. */
    REFUSED,
    /** May have been done, or may yet be. */
    UNKNOWN
  }

  public static Op put(int key, long value, long revision, long began, long ended) {
    return new Op(Kind.PUT, key, value, revision, 0, 0, Outcome.OK, began, ended);
  }

  public static Op refused(int key, long value, long began, long ended) {
    return new Op(Kind.PUT, key, value, 0, 0, 0, Outcome.REFUSED, began, ended);
  }

  public static Op unknown(int key, long value, long began) {
    return new Op(Kind.PUT, key, value, 0, 0, 0, Outcome.UNKNOWN, began, NEVER);
  }

  public static Op read(int key, long value, long revision, long version, long began, long ended) {
    return new Op(Kind.READ, key, value, revision, version, 0, Outcome.OK, began, ended);
  }

  /** A revision that the oracle gave away; the number must be another for each. */
  public static Op next(long number, long revision, long began, long ended) {
    return new Op(Kind.NEXT, -1, number, revision, 0, 0, Outcome.OK, began, ended);
  }

  /** The newest revision, as the oracle said. */
  public static Op current(long revision, long began, long ended) {
    return new Op(Kind.CURRENT, -1, 0, 0, 0, revision, Outcome.OK, began, ended);
  }

  /** This read, as part of a range at that revision. */
  public Op at(long snapshotRevision) {
    return new Op(kind, key, value, revision, version, snapshotRevision, outcome, began, ended);
  }

  boolean isPut() {
    return kind == Kind.PUT;
  }

  boolean isRead() {
    return kind == Kind.READ;
  }

  boolean isAcked() {
    return kind == Kind.PUT && outcome == Outcome.OK;
  }

  boolean isAsk() {
    return kind == Kind.NEXT || kind == Kind.CURRENT;
  }

  /** The largest revision whose existence its client learned. */
  long learned() {
    return Math.max(revision, snapshot);
  }
}
