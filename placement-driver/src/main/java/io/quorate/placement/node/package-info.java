/** A PD process: its configuration, data directory, Raft group, gRPC service and timers. */
@NullMarked
package io.quorate.placement.node;

import org.jspecify.annotations.NullMarked;
