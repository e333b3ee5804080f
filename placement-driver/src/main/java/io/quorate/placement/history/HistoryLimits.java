package io.quorate.placement.history;

/**
 * How PD keeps history; times in milliseconds.
 *
 * @param retention what is kept without anybody's doing
 * @param sampleMillis between two samples of the map from age to revision
 * @param noteMillis between two samples that are written to PD's log; what lies between them is lost by a change of leader
 * @param lookMillis between two looks whether retention lets something go
 */
public record HistoryLimits(
    Retention retention, long sampleMillis, long noteMillis, long lookMillis) {
  public HistoryLimits {
    if (sampleMillis < 1 || noteMillis < sampleMillis || lookMillis < 1) {
      throw new IllegalArgumentException("samples are taken at least a millisecond apart");
    }
  }

  /** One sample a second, the log and retention looked at twenty times in the time that is kept, from a second to a minute. */
  public static HistoryLimits of(Retention retention) {
    long part = retention.mode() == Retention.Mode.PERIODIC ? retention.amount() / 20 : 10_000;
    long paced = Math.min(60_000, Math.max(1_000, part));
    return new HistoryLimits(retention, 1_000, paced, paced);
  }

  public static HistoryLimits defaults() {
    return of(Retention.DEFAULT);
  }
}
