/** Tests of the shared database. */
@NullMarked
package io.quorate.raft.storage;

import org.jspecify.annotations.NullMarked;
