package io.quorate.region.host;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class OracleMemoryTest {
  private static OracleState state(long revision, long term) {
    return new OracleState(revision, 0, 0, 1, term);
  }

  @Test
  void anAnswerOfAnOlderTermIsRefused() {
    OracleMemory memory = new OracleMemory(0);
    assertThat(memory.acceptCurrent(state(10, 2), 0)).isEmpty();

    assertThat(memory.acceptCurrent(state(11, 1), 0)).isPresent();
    assertThat(memory.newest().revision()).isEqualTo(10);
  }

  @Test
  void aNumberBelowWhatWasSeenBeforeTheAskIsRefused() {
    OracleMemory memory = new OracleMemory(50);

    assertThat(memory.acceptCurrent(state(49, 9), 50)).isPresent();
    assertThat(memory.acceptNext(new Stamps(50, 52, state(52, 9)), 50)).isPresent();
    assertThat(memory.acceptNext(new Stamps(51, 52, state(52, 9)), 50)).isEmpty();
    assertThat(memory.newest().revision()).isEqualTo(52);
  }

  @Test
  void answersOfOneTermMayOvertakeEachOtherAndNothingGoesBack() {
    OracleMemory memory = new OracleMemory(0);
    assertThat(memory.acceptCurrent(new OracleState(20, 7, 3, 2, 4), 0)).isEmpty();

    assertThat(memory.acceptCurrent(new OracleState(15, 5, 2, 1, 4), 0)).isEmpty();

    assertThat(memory.newest()).isEqualTo(new OracleState(20, 7, 3, 2, 4));
  }
}
