package io.quorate.region.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.region.command.Put;
import java.util.List;
import org.junit.jupiter.api.Test;

class FlightTest {
  private static final Footprint A = Footprint.of(Bytes.utf8("a"));
  private static final Footprint B = Footprint.of(Bytes.utf8("b"));
  private static final Footprint ALL = Footprint.of(KeyRange.ALL);

  private static Flight writing(String key, long newestKnown) {
    Put put = Put.of(Bytes.utf8(key), Bytes.EMPTY);
    return Flight.asking(3, newestKnown, List.of(Footprint.writesOf(put)));
  }

  @Test
  void anAskHoldsBackReadsAboveWhatWasKnownBeforeIt() {
    Flight flight = writing("a", 10);

    assertThat(flight.holdsBack(3, 10, 0, A)).isFalse();
    assertThat(flight.holdsBack(3, 11, 0, A)).isTrue();
    assertThat(flight.holdsBack(3, 11, 0, B)).isFalse();
    assertThat(flight.holdsBack(3, 11, 0, ALL)).isTrue();
  }

  @Test
  void knownStampsLetEarlierReadsGo() {
    Flight flight = writing("a", 10);

    flight.stamped(20, 22);

    assertThat(flight.holdsBack(3, 19, 0, A)).isFalse();
    assertThat(flight.holdsBack(3, 20, 0, A)).isTrue();
  }

  @Test
  void nothingOfAnEarlierTermHoldsBack() {
    assertThat(writing("a", 10).holdsBack(4, 100, 0, A)).isFalse();
  }

  @Test
  void whatIsAppliedHoldsBackNothing() {
    Flight flight = writing("a", 10);
    flight.stamped(20, 22);

    assertThat(flight.holdsBack(3, 30, 21, A)).isTrue();
    assertThat(flight.holdsBack(3, 30, 22, A)).isFalse();
  }

  @Test
  void aStampBelowWhatWasKnownIsABrokenOracle() {
    Flight flight = writing("a", 10);

    assertThatThrownBy(() -> flight.stamped(10, 10)).isInstanceOf(IllegalStateException.class);
  }
}
