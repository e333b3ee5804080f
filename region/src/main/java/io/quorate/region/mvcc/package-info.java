/** Versions of keys: what one is, how it is stored as bytes, and how keys and ranges are read at a revision. Pure: no RocksDB, threads or clocks. */
@NullMarked
package io.quorate.region.mvcc;

import org.jspecify.annotations.NullMarked;
