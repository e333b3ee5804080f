package io.quorate.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.bench.ycsb.YcsbKeySpace;
import io.quorate.bench.ycsb.YcsbWorkload;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import site.ycsb.Utils;

class YcsbKeySpaceTest {
  @Test
  void eightRegionsGetAboutAsManyRecordsEach() {
    List<String> cuts = new ArrayList<>(YcsbKeySpace.splitKeys(8));
    assertThat(cuts).hasSize(7).isSorted().doesNotHaveDuplicates();
    int[] records = new int[8];
    for (long number = 0; number < 100_000; number++) {
      String key = "user" + Utils.hash(number);
      int region = (int) cuts.stream().filter(cut -> cut.compareTo(key) <= 0).count();
      records[region]++;
    }
    assertThat(Arrays.stream(records).boxed())
        .allSatisfy(count -> assertThat(count).isBetween(11_500, 13_500));
  }

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
}
