package io.quorate.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.bench.ycsb.YcsbWorkload;
import org.junit.jupiter.api.Test;

class YcsbWorkloadTest {
  @Test
  void everyWorkloadNamesAllProportions() {
    for (YcsbWorkload workload : YcsbWorkload.values()) {
      double sum = workload.properties().entrySet().stream()
          .filter(entry -> entry.getKey().toString().endsWith("proportion"))
          .mapToDouble(entry -> Double.parseDouble(entry.getValue().toString()))
          .sum();
      assertThat(sum).as(workload.name()).isEqualTo(1.0);
    }
  }

  @Test
  void anUnknownLetterIsAnsweredByTheList() {
    assertThatThrownBy(() -> YcsbWorkload.named("g"))
        .hasMessageContaining("'g'")
        .hasMessageContaining("a (half reads, half updates)");
  }
}
