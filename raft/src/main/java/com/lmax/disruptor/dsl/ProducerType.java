package com.lmax.disruptor.dsl;

/** How many threads publish; of no effect here: always many. */
public enum ProducerType {
  SINGLE,
  MULTI
}
