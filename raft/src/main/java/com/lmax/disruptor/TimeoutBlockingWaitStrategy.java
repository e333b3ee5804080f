package com.lmax.disruptor;

import java.util.concurrent.TimeUnit;

/** Named by jraft; of no effect here. */
public final class TimeoutBlockingWaitStrategy implements WaitStrategy {
  public TimeoutBlockingWaitStrategy(long timeout, TimeUnit units) {}
}
