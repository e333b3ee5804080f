/** Tests of the mailboxes and of the disruptor's stand-in. */
@NullMarked
package io.quorate.raft.mailbox;

import org.jspecify.annotations.NullMarked;
