@NullMarked
package io.quorate.raft.transport;

import org.jspecify.annotations.NullMarked;
