/**
 * One RocksDB per store for everything: the caller's families and, shared by all groups, the Raft log (family {@code log})
 * and what Raft must remember besides (family {@code raft}). One thread writes for all groups, with one sync per round.
 */
@NullMarked
package io.quorate.raft.storage;

import org.jspecify.annotations.NullMarked;
