/** The shared RocksDB as the regions of one store see it: families, one atomic write per applied batch, reads, the cache of newest versions. */
@NullMarked
package io.quorate.region.storage;

import org.jspecify.annotations.NullMarked;
