/** The only translation between kv messages and the region's commands, queries and outcomes. */
@NullMarked
package io.quorate.region.wire;

import org.jspecify.annotations.NullMarked;
