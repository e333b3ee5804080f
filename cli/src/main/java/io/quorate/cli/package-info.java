/** The command {@code quorate}: runs processes and clusters, reads and writes, inspects. {@link Quorate} is its main class. */
@NullMarked
package io.quorate.cli;

import org.jspecify.annotations.NullMarked;
