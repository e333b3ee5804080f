/** Serial mailboxes on shared threads: what jraft's stages run on, so that a group costs no thread. */
@NullMarked
package io.quorate.raft.mailbox;

import org.jspecify.annotations.NullMarked;
