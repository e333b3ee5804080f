@NullMarked
package io.quorate.placement.node;

import org.jspecify.annotations.NullMarked;
