@NullMarked
package io.quorate.raft.host;

import org.jspecify.annotations.NullMarked;
