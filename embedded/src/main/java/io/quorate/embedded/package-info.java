/** A whole cluster in one JVM: for {@code quorate dev}, for our integration tests, for users' own tests. */
@NullMarked
package io.quorate.embedded;

import org.jspecify.annotations.NullMarked;
