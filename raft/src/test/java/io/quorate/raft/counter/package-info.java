/** The library used alone: counters replicated over many groups. Also the cluster that this module's own tests run on. */
@NullMarked
package io.quorate.raft.counter;

import org.jspecify.annotations.NullMarked;
