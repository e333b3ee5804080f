/** Stand-in for the part of LMAX Disruptor that puts rings together; see {@link com.lmax.disruptor}. */
@NullMarked
package com.lmax.disruptor.dsl;

import org.jspecify.annotations.NullMarked;
