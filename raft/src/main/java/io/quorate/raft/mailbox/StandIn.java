package io.quorate.raft.mailbox;

/** Marks our classes in the name space of LMAX Disruptor, to tell them from the real ones. */
public interface StandIn {}
