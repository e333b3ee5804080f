/** What N Raft groups cost in threads, memory and processor time, and what they write per second. */
@NullMarked
package io.quorate.bench.multiraft;

import org.jspecify.annotations.NullMarked;
