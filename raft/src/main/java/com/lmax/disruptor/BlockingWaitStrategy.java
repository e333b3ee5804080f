package com.lmax.disruptor;

/** Named by jraft; of no effect here. */
public final class BlockingWaitStrategy implements WaitStrategy {}
