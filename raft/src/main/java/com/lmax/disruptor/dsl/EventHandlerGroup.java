package com.lmax.disruptor.dsl;

/** The answer of {@link Disruptor#handleEventsWith}, which jraft ignores. */
public final class EventHandlerGroup<T> {
  EventHandlerGroup() {}
}
