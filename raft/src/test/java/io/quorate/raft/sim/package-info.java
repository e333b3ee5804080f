/** A simulated replicated log on virtual time: what is built above the port is tested against it, seed by seed. */
@NullMarked
package io.quorate.raft.sim;

import org.jspecify.annotations.NullMarked;
