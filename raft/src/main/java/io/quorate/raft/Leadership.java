package io.quorate.raft;

import java.util.Optional;

/**
 * What a replica believes of its group's leadership; only a read barrier or a commit proves it.
 *
 * @param term the replica's term
 * @param leader whom it follows, itself included; empty while none is known
 * @param leading whether it leads and has applied an entry of its own term, so that it may serve
 */
public record Leadership(long term, Optional<ReplicaId> leader, boolean leading) {}
