@NullMarked
package io.quorate.placement.registry;

import org.jspecify.annotations.NullMarked;
