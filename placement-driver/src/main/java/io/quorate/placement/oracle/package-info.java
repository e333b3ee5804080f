/** The revision oracle: the window of numbers (pure) and the host that hands them out under confirmed leadership. */
@NullMarked
package io.quorate.placement.oracle;

import org.jspecify.annotations.NullMarked;
