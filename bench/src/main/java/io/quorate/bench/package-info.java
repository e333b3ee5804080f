/** Benchmarks as commands: YCSB, closed-loop load, the cost of many groups, micro-benchmarks of the hot pure parts. */
@NullMarked
package io.quorate.bench;

import org.jspecify.annotations.NullMarked;
