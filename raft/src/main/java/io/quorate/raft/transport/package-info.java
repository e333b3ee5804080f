/**
 * How stores speak Raft to each other: one gRPC stream per ordered pair of stores carries the messages of all groups.
 * Knows jraft's messages, but no group's state.
 */
@NullMarked
package io.quorate.raft.transport;

import org.jspecify.annotations.NullMarked;
