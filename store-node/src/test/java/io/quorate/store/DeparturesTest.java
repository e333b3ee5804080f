package io.quorate.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.model.RegionId;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** PD hears once of each replica that went, however many ever did. */
class DeparturesTest {
  private final Departures departures = new Departures();

  private static List<RegionId> regions(long from, long to) {
    return LongStream.rangeClosed(from, to).mapToObj(RegionId::new).toList();
  }

  @Test
  void onlyWhatWasToldAndWentIsTold() {
    departures.tellAll(regions(1, 3));
    departures.tell(new RegionId(9));
    assertThat(departures.next(Set.copyOf(regions(1, 9)), 10)).isEmpty();
    assertThat(departures.next(Set.of(new RegionId(1)), 10))
        .containsExactly(new RegionId(2), new RegionId(3), new RegionId(9));
    assertThat(departures.next(Set.of(new RegionId(1)), 10)).isEmpty();
  }

  @Test
  void oneBeatTellsNoMoreThanTheLimitAndTheNextOnesTheRest() {
    departures.tellAll(regions(1, 10));
    assertThat(departures.next(Set.of(), 4)).isEqualTo(regions(1, 4));
    assertThat(departures.next(Set.of(), 4)).isEqualTo(regions(5, 8));
    assertThat(departures.next(Set.of(), 4)).isEqualTo(regions(9, 10));
    assertThat(departures.next(Set.of(), 4)).isEmpty();
  }

  @Test
  void oneThatCameBackIsTold() {
    departures.tellAll(regions(1, 1));
    assertThat(departures.next(Set.of(), 4)).isEqualTo(regions(1, 1));
    departures.tell(new RegionId(1));
    assertThat(departures.next(Set.of(), 4)).isEqualTo(regions(1, 1));
  }

  @Test
  void aNewStreamIsToldNothingOfWhatWentBefore() {
    departures.tellAll(regions(1, 5));
    departures.tellAll(regions(4, 5));
    assertThat(departures.next(Set.of(), 10)).isEqualTo(regions(4, 5));
  }
}
