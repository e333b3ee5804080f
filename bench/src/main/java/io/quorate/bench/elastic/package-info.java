/** Runs that show how a cluster grows: how even it is, and what a split or a transfer costs those who write. */
@NullMarked
package io.quorate.bench.elastic;

import org.jspecify.annotations.NullMarked;
