@NullMarked
package io.quorate.placement.cluster;

import org.jspecify.annotations.NullMarked;
