/** The pure rules of where and when a region is cut: by size, by keys, by load. No threads, no clocks, no storage. */
@NullMarked
package io.quorate.region.split;

import org.jspecify.annotations.NullMarked;
