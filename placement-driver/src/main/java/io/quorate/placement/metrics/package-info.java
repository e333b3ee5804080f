/** The meters of a PD process. */
@NullMarked
package io.quorate.placement.metrics;

import org.jspecify.annotations.NullMarked;
