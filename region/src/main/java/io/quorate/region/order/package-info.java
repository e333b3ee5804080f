/**
 * The pure rules of order in one region: which keys a request touches, who is admitted, which writes in flight hold a read
 * back. No threads, no clocks, no storage.
 */
@NullMarked
package io.quorate.region.order;

import org.jspecify.annotations.NullMarked;
