/**
 * Stand-in for the few types of LMAX Disruptor that jraft names, with jraft's use of them as the contract: each ring is an
 * {@link io.quorate.raft.mailbox.Mailbox} on shared threads instead of an array and a thread of its own. The real artifact
 * must not be on the class path; {@link io.quorate.raft.mailbox.DisruptorGuard} checks.
 */
@NullMarked
package com.lmax.disruptor;

import org.jspecify.annotations.NullMarked;
