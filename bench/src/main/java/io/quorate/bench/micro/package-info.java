/** JMH benchmarks of the hot pure parts. */
@NullMarked
package io.quorate.bench.micro;

import org.jspecify.annotations.NullMarked;
