/**
 * A store process: it hosts the replicas of many regions, serves clients and peers, and does what PD orders. {@link
 * StoreNode} is its composition root.
 */
@NullMarked
package io.quorate.store;

import org.jspecify.annotations.NullMarked;
