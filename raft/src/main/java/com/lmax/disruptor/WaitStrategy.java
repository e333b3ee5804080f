package com.lmax.disruptor;

/** How a ring of the real library waits; of no effect here, where no thread waits for a ring. */
public interface WaitStrategy {}
