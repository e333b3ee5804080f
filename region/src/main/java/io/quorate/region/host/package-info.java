/**
 * The shell of regions: one {@link RegionHost} per region replica of a store, the state machine below it, and the {@link
 * StoreEngine} that owns them all. Rules live in the pure packages beside it; here are queues, order and time.
 */
@NullMarked
package io.quorate.region.host;

import org.jspecify.annotations.NullMarked;
