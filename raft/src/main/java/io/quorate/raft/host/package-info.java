/** Runs many Raft groups on shared threads, one database and one transport; the only place that drives jraft's nodes. */
@NullMarked
package io.quorate.raft.host;

import org.jspecify.annotations.NullMarked;
