package io.quorate.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.ArgumentsProvider;
import org.junit.jupiter.params.provider.ArgumentsSource;
import org.junit.jupiter.params.support.AnnotationConsumer;
import org.junit.jupiter.params.support.ParameterDeclarations;

/**
 * Runs a test with one {@code long seed} for each of n fixed seeds, so that a build says of the same
 * tree the same each time. {@code -Dseed=S} replays S alone; {@code -Dseeds=N} is for long runs: N
 * fixed seeds and a fresh one; with {@code -Dseeds.from=M} the N seeds from M on and no other, so that a
 * long run can be made in pieces.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@ParameterizedTest(name = "seed {0}")
@ArgumentsSource(Seeds.Source.class)
public @interface Seeds {
  int value() default 100;

  /** Draws the seeds. */
  final class Source implements ArgumentsProvider, AnnotationConsumer<Seeds> {
    private int fixed;

    @Override
    public void accept(Seeds seeds) {
      fixed = seeds.value();
    }

    @Override
    public Stream<? extends Arguments> provideArguments(
        ParameterDeclarations parameters, ExtensionContext context) {
      Long replay = Long.getLong("seed");
      return (replay == null ? seeds() : LongStream.of(replay)).mapToObj(Arguments::of);
    }

    private LongStream seeds() {
      Integer many = Integer.getInteger("seeds");
      Long from = Long.getLong("seeds.from");
      if (many == null) {
        return LongStream.rangeClosed(1, fixed);
      }
      return from == null
          ? LongStream.concat(LongStream.rangeClosed(1, many), LongStream.of(System.nanoTime()))
          : LongStream.range(from, from + many);
    }
  }
}
