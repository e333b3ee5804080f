@NullMarked
package io.quorate.placement.history;

import org.jspecify.annotations.NullMarked;
