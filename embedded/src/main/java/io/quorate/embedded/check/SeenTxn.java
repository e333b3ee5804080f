package io.quorate.embedded.check;

import java.util.List;

/**
 * One transaction as its client saw it: appends to lists, and reads of whole lists. Lists, and not registers, because a list that is
 * read tells the order of all writes before it (Kingsbury and Alvaro, Elle, VLDB 2020). Immutable.
 *
 * @param id names it in explanations
 * @param steps in the order of the program
 * @param outcome what the client was told
 * @param began when the client began it, monotonic nanoseconds
 * @param ended when it was answered; {@link #NEVER} if that is not known
 */
public record SeenTxn(long id, List<Step> steps, Outcome outcome, long began, long ended) {
  /** The end of time. */
  public static final long NEVER = Long.MAX_VALUE;

  /** What the client was told. */
  public enum Outcome {
    COMMITTED,
    /** Certainly not done, and never will be. */
    ABORTED,
    /** May have been done, or may yet be. */
    UNKNOWN
  }

  /** A step of the program. */
  public sealed interface Step {
    String key();
  }

  /**
   * Appends a value to a list.
   *
   * @param value never appended to any list before
   */
  public record Append(String key, long value) implements Step {
    @Override
    public String toString() {
      return "append " + value + " to " + key;
    }
  }

  /**
   * Reads a list.
   *
   * @param values as they were read, in order
   */
  public record Read(String key, List<Long> values) implements Step {
    public Read {
      values = List.copyOf(values);
    }

    @Override
    public String toString() {
      return "read " + key + " as " + values;
    }
  }

  public SeenTxn {
    steps = List.copyOf(steps);
    if (ended < began) {
      throw new IllegalArgumentException("transaction " + id + " ended before it began");
    }
  }

  @Override
  public String toString() {
    return "T" + id + " " + outcome + " " + steps;
  }
}
