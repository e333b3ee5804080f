package io.quorate.raft.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AppliedWaitTest {
  private final AppliedWait applied = new AppliedWait();
  private final List<String> told = new ArrayList<>();

  @Test
  void whoAsksForWhatIsAppliedIsToldAtOnce() {
    applied.advance(5);
    applied.await(5, done -> told.add("5 " + done));
    assertThat(told).containsExactly("5 true");
  }

  @Test
  void waitersAreToldInOrderOfTheirIndexes() {
    applied.await(7, done -> told.add("7 " + done));
    applied.await(6, done -> told.add("6 " + done));
    applied.await(9, done -> told.add("9 " + done));
    applied.advance(8);
    assertThat(told).containsExactly("6 true", "7 true");
    applied.advance(9);
    assertThat(told).endsWith("9 true");
  }

  @Test
  void theEndTellsThoseWhoWaitAndThoseWhoComeLater() {
    applied.advance(3);
    applied.await(7, done -> told.add("7 " + done));
    applied.end();
    applied.await(8, done -> told.add("8 " + done));
    applied.await(3, done -> told.add("3 " + done));
    assertThat(told).containsExactly("7 false", "8 false", "3 true");
  }
}
