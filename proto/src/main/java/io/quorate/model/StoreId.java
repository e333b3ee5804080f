package io.quorate.model;

/**
 * Names a store, and with it one data directory: a wiped disk gets a new one.
 *
 * @param value issued by PD, from 1 up
 */
public record StoreId(long value) implements Comparable<StoreId> {
  /** Stands for "no store": a client, or a store that PD has not numbered yet. */
  public static final StoreId NONE = new StoreId(0);

  @Override
  public int compareTo(StoreId other) {
    return Long.compare(value, other.value);
  }

  @Override
  public String toString() {
    return Long.toString(value);
  }
}
