/**
 * Transactions over several regions: what they read and write, the protocol that commits them, and what is done about the locks
 * of others. The decisions are pure; the shell is small.
 */
@NullMarked
package io.quorate.client.txn;

import org.jspecify.annotations.NullMarked;
