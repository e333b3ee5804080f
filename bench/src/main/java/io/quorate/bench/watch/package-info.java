/** What watching and leases cost: fan-out to many watchers, many leases kept alive, overwrites with their history. */
@NullMarked
package io.quorate.bench.watch;

import org.jspecify.annotations.NullMarked;
