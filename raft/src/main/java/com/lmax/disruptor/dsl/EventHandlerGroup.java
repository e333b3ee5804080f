package com.lmax.disruptor.dsl;

/** The answer of {@link Disruptor#handleEventsWith}, which jraft ignores. */
@SuppressWarnings("UnusedTypeParameter") // the descriptor is jraft's
public final class EventHandlerGroup<T> {
  EventHandlerGroup() {}
}
