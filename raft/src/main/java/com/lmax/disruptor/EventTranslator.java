package com.lmax.disruptor;

/** Fills an empty event; called by the publisher, on its thread. */
public interface EventTranslator<T> {
  /** Fills the event; the sequence is not known yet and given as -1. */
  void translateTo(T event, long sequence);
}
