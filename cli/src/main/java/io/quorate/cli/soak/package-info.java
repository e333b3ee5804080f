/** Load, faults and the judgement of what clients saw of a cluster of real processes. */
@NullMarked
package io.quorate.cli.soak;

import org.jspecify.annotations.NullMarked;
