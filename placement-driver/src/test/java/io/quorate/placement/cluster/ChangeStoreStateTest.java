package io.quorate.placement.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Peer;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionEpoch;
import io.quorate.model.RegionId;
import io.quorate.model.StoreDescriptor;
import io.quorate.model.StoreDescriptor.State;
import io.quorate.model.StoreId;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ChangeStoreStateTest {
  private static final StoreId ONE = new StoreId(1);

  private static StoreDescriptor newcomer(int number) {
    return new StoreDescriptor(
        StoreId.NONE, 100 + number, "h" + number + ":1", "h" + number + ":2", Map.of(), State.UP);
  }

  private static ClusterImage twoStores() {
    return ClusterImage.EMPTY
        .with(new RegisterStore(newcomer(1)))
        .image()
        .with(new RegisterStore(newcomer(2)))
        .image();
  }

  private static RegionDescriptor region(long membership, Peer... peers) {
    return new RegionDescriptor(
        new RegionId(7),
        KeyRange.of(Bytes.EMPTY, Bytes.EMPTY),
        new RegionEpoch(1, membership),
        List.of(peers));
  }

  private static Ruling ruling(ClusterImage image, State from, State to) {
    return image.with(new ChangeStoreState(ONE, from, to)).ruling();
  }

  @Test
  void aDrainedStoreIsRetiredOnlyWhenNoRegionCountsItAndNeverComesBack() {
    ClusterImage image = twoStores()
        .with(new UpdateRegions(List.of(region(1, Peer.voter(1, 11), Peer.voter(2, 12)))))
        .image()
        .with(new ChangeStoreState(ONE, State.UP, State.DRAINING))
        .image();
    assertThat(ruling(image, State.DRAINING, State.RETIRED))
        .isInstanceOfSatisfying(
            Ruling.Refused.class,
            refused -> assertThat(refused.message()).contains("not empty: 1 regions"));
    ClusterImage empty =
        image.with(new UpdateRegions(List.of(region(2, Peer.voter(2, 12))))).image();
    ClusterImage retired =
        empty.with(new ChangeStoreState(ONE, State.DRAINING, State.RETIRED)).image();
    assertThat(retired.stores())
        .hasEntrySatisfying(ONE, store -> assertThat(store.state()).isEqualTo(State.RETIRED));
    assertThat(ruling(retired, State.RETIRED, State.UP)).isInstanceOf(Ruling.Refused.class);
    // Its data directory asks for its number again, as if the answer had been lost.
    assertThat(retired.with(new RegisterStore(newcomer(1))).ruling())
        .isInstanceOfSatisfying(
            Ruling.Refused.class,
            refused -> assertThat(refused.message()).contains("retired for good"));
    assertThat(retired.with(new RegisterStore(newcomer(3))).ruling())
        .isEqualTo(new Ruling.Given(3));
  }

  @Test
  void whatIsAllowedFromWhere() {
    ClusterImage image = twoStores();
    assertThat(ruling(image, State.UP, State.DRAINING)).isEqualTo(Ruling.DONE);
    assertThat(ruling(image, State.UP, State.MAINTENANCE)).isEqualTo(Ruling.DONE);
    assertThat(ruling(image, State.UP, State.RETIRED)).isInstanceOf(Ruling.Refused.class);
    assertThat(ruling(image, State.DRAINING, State.UP)).isEqualTo(Ruling.DONE);
    ClusterImage spared =
        image.with(new ChangeStoreState(ONE, State.UP, State.MAINTENANCE)).image();
    assertThat(ruling(spared, State.DRAINING, State.UP)).isInstanceOf(Ruling.Refused.class);
    assertThat(ruling(spared, State.MAINTENANCE, State.UP)).isEqualTo(Ruling.DONE);
    assertThat(ruling(spared, State.MAINTENANCE, State.DRAINING))
        .isInstanceOf(Ruling.Refused.class);
  }

  @Test
  void itIsTheSameAfterTheLog() {
    ChangeStoreState change = new ChangeStoreState(ONE, State.UP, State.MAINTENANCE);
    assertThat(PlacementCodec.decode(Bytes.wrap(PlacementCodec.encode(change)))).isEqualTo(change);
    ClusterImage spared = twoStores().with(change).image();
    assertThat(PlacementCodec.decodeImage(PlacementCodec.encodeImage(spared))).isEqualTo(spared);
  }
}
