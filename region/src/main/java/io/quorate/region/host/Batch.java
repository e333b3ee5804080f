package io.quorate.region.host;

import io.quorate.region.command.Stamped;
import io.quorate.region.order.Flight;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes that travel in one log entry, from the ask for their stamps to the answer. Owned by the region's mailbox. */
final class Batch {
  /** How far it is. */
  enum Stage {
    ASKING,
    STAMPED,
    PROPOSED,
    /** The log cannot say what became of it. */
    UNKNOWN,
    /** Nothing of it can be applied any more, or all of it has been. */
    OVER
  }

  final List<Call> calls;
  final Flight flight;
  /** When its present stage began, on the host's clock. */
  long since;

  Stage stage = Stage.ASKING;
  private @Nullable Stamps stamps;
  /** The calls that were proposed, in the order of the entry's commands. */
  List<Call> proposed = List.of();

  /**
   * @param calls in order; none makes a fence, whose only effect is that it is applied
   */
  Batch(List<Call> calls, Flight flight, long now) {
    this.calls = calls;
    this.flight = flight;
    this.since = now;
  }

  boolean isFence() {
    return calls.isEmpty();
  }

  void enter(Stage next, long now) {
    stage = next;
    since = now;
  }

  /** Whether anything among the calls takes a number; a fence, which has none, does. */
  static boolean needsStamps(List<Call> calls) {
    for (Call call : calls) {
      if (Stamped.needsStamp(call.command())) {
        return true;
      }
    }
    return calls.isEmpty();
  }

  boolean isStamped() {
    return stamps != null;
  }

  void stamp(Stamps drawn) {
    stamps = drawn;
    flight.stamped(drawn.first(), drawn.last());
  }

  Stamps stamps() {
    Stamps drawn = stamps;
    if (drawn == null) {
      throw new IllegalStateException("a batch without stamps is proposed");
    }
    return drawn;
  }
}
