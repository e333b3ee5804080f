package io.quorate.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class WireTest {
  private static final RegionDescriptor REGION = new RegionDescriptor(
      new RegionId(7),
      KeyRange.of(Bytes.utf8("a"), Bytes.utf8("m")),
      new RegionEpoch(3, 5),
      List.of(Peer.voter(1, 11), new Peer(new StoreId(2), 12, PeerRole.LEARNER)));

  @Test
  void everyErrorComesBackAsItWent() {
    List<RegionError> errors = List.of(
        new RegionError.NotLeader(REGION.id(), Optional.of(Peer.voter(1, 11)), "m"),
        new RegionError.NotLeader(REGION.id(), Optional.empty(), "m"),
        new RegionError.EpochMismatch(List.of(REGION), "m"),
        new RegionError.RegionNotFound(REGION.id(), "m"),
        new RegionError.KeyOutOfRange(REGION, "m"),
        new RegionError.ServerBusy(20, "m"),
        new RegionError.Unavailable("m"),
        new RegionError.Indeterminate("m"),
        new RegionError.Misdirected("m"),
        new RegionError.DeadlineExceeded("m"));
    for (RegionError error : errors) {
      assertThat(Wire.error(Wire.error(error))).isEqualTo(error);
    }
  }

  @Test
  void descriptorsComeBackAsTheyWent() {
    assertThat(Wire.region(Wire.region(REGION))).isEqualTo(REGION);
    StoreDescriptor store = new StoreDescriptor(
        new StoreId(3), 42, "c:1", "p:2", Map.of("zone", "z"), StoreDescriptor.State.DRAINING);
    assertThat(Wire.store(Wire.store(store))).isEqualTo(store);
  }

  @Test
  void anUnknownErrorPromisesNothing() {
    assertThat(Wire.error(io.quorate.proto.RegionError.getDefaultInstance()).mayHaveHappened())
        .isTrue();
  }
}
