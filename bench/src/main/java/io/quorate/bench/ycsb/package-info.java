/** YCSB on Quorate: a binding, the standard workloads, and a launcher of YCSB's own client. */
@NullMarked
package io.quorate.bench.ycsb;

import org.jspecify.annotations.NullMarked;
