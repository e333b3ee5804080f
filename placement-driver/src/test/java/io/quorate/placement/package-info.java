@NullMarked
package io.quorate.placement;

import org.jspecify.annotations.NullMarked;
