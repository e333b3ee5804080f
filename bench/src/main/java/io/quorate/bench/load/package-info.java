/** Closed-loop load through the Java SDK, measured like the peers in bench/peers. */
@NullMarked
package io.quorate.bench.load;

import org.jspecify.annotations.NullMarked;
