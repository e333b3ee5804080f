@NullMarked
package io.quorate.placement.oracle;

import org.jspecify.annotations.NullMarked;
