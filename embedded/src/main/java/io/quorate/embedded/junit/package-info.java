/** A cluster for JUnit 5 tests: annotate a test class with {@link WithQuorate}. Needs JUnit on the class path. */
@NullMarked
package io.quorate.embedded.junit;

import org.jspecify.annotations.NullMarked;
