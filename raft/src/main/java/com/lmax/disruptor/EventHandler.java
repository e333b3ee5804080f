package com.lmax.disruptor;

/** What a ring's events are for; called by one thread at a time. */
public interface EventHandler<T> {
  /**
   * Handles one event.
   *
   * @param sequence counts the ring's events from 0
   * @param endOfBatch whether no further event is at hand, so that what was gathered must be worked off now
   */
  void onEvent(T event, long sequence, boolean endOfBatch) throws Exception;
}
