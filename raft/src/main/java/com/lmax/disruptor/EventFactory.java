package com.lmax.disruptor;

/** Makes the empty events of a ring; called by publishers, on any thread. */
public interface EventFactory<T> {
  T newInstance();
}
