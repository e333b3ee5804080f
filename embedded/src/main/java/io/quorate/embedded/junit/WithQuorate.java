package io.quorate.embedded.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Runs the tests of a class against one embedded cluster, which is started before the first and closed after the last.
 * Test methods and constructors may take an {@code EmbeddedCluster} or a {@code QuorateClient} as parameter.
 */
@Documented
@Inherited
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(EmbeddedClusterExtension.class)
public @interface WithQuorate {
  /** Number of stores. */
  int stores() default 1;

  /** Number of placement drivers: 1, 3 or 5. */
  int pds() default 1;

  /** Keys at which the first regions are cut. */
  String[] splitKeys() default {};
}
