package io.quorate.region.transaction;

/** Bounds of what one region keeps and takes of transactions over several regions. */
public final class TxnLimits {
  /** Locks in one region beyond which no more are put: prewrites are answered as busy. */
  public static final int MAX_LOCKS = 100_000;

  /** Records in one region beyond which no more prewrites are taken. */
  public static final int MAX_RECORDS = 100_000;

  /** Milliseconds that a transaction may live without a heartbeat, at most. */
  public static final int MAX_TTL_MILLIS = 60_000;

  /** Ranges that may say what a transaction locks. */
  public static final int MAX_SPANS = 1024;

  /** Locks in one answer to a scan, at most, and if no number is asked for. */
  public static final int MAX_SCANNED = 10_000;

  public static final int DEFAULT_SCANNED = 1000;

  /**
   * How far a revision that a request names may lie above the newest that the store knows, before the oracle is asked whether it
   * was handed out at all.
   */
  public static final long MAX_AHEAD = 1 << 16;

  private TxnLimits() {}
}
