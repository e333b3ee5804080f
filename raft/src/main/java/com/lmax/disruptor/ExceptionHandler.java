package com.lmax.disruptor;

/** Told when a handler threw; called on the handler's thread. */
public interface ExceptionHandler<T> {
  void handleEventException(Throwable ex, long sequence, T event);

  void handleOnStartException(Throwable ex);

  void handleOnShutdownException(Throwable ex);
}
