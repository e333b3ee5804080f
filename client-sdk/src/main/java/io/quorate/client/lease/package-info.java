/** Leases: granting, keeping alive, revoking; sessions that say when they are lost. */
@NullMarked
package io.quorate.client.lease;

import org.jspecify.annotations.NullMarked;
