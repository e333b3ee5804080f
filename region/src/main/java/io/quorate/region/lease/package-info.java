/** Leases: what a home keeps of them, what regions of their keys keep, the commands on both, and when they expire. */
@NullMarked
package io.quorate.region.lease;

import org.jspecify.annotations.NullMarked;
