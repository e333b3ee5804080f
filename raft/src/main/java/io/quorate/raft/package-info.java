/**
 * An independent multi-group Raft on sofa-jraft: the port ({@link ReplicatedLog}, {@link StateMachine}) and the host that
 * runs many groups on shared threads, one shared log and one stream per pair of stores. It knows nothing of keys.
 */
@NullMarked
package io.quorate.raft;

import org.jspecify.annotations.NullMarked;
