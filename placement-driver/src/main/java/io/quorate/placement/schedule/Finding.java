package io.quorate.placement.schedule;

import java.util.function.Supplier;

/** What a rule says of one region: an operator, or why there is none. */
public sealed interface Finding {
  record Planned(Operator operator) implements Finding {
    @Override
    public String why() {
      return operator.why();
    }
  }

  /** The words are made only if somebody asks: a patrol meets thousands of regions where nothing is to be done. */
  record Nothing(Supplier<String> words) implements Finding {
    @Override
    public String why() {
      return words.get();
    }
  }

  static Finding nothing(Supplier<String> words) {
    return new Nothing(words);
  }

  static Finding nothing(String words) {
    return new Nothing(() -> words);
  }

  default boolean isPlanned() {
    return this instanceof Planned;
  }

  /** In one line. */
  String why();
}
