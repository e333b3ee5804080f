package io.quorate.placement.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.auth.AuthImage;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Peer;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionEpoch;
import io.quorate.model.RegionId;
import io.quorate.model.StoreDescriptor;
import io.quorate.model.StoreId;
import io.quorate.placement.history.Barrier;
import io.quorate.placement.history.History;
import io.quorate.placement.history.TimeMap;
import io.quorate.proto.AdministerRequest;
import io.quorate.proto.etcd.AuthRoleAddRequest;
import io.quorate.proto.etcd.AuthUserAddRequest;
import io.quorate.testing.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ClusterImageProperties {
  /** Any history, replayed from bytes, with a snapshot somewhere in it, comes to the same image and the same answers. */
  @Seeds(200)
  void replayAfterASnapshotComesToTheSameImage(long seed) {
    Random random = new Random(seed);
    ClusterImage live = ClusterImage.EMPTY;
    List<byte[]> log = new ArrayList<>();
    List<Ruling> rulings = new ArrayList<>();
    int snapshotAt = random.nextInt(100);
    byte[] snapshot = PlacementCodec.encodeImage(live);
    for (int i = 0; i < 100; i++) {
      if (i == snapshotAt) {
        snapshot = PlacementCodec.encodeImage(live);
      }
      PlacementRecord record = record(random, live);
      log.add(PlacementCodec.encode(record));
      Replayed replayed = live.with(record);
      check(live, replayed);
      live = replayed.image();
      rulings.add(replayed.ruling());
    }
    ClusterImage restored = PlacementCodec.decodeImage(snapshot);
    for (int i = snapshotAt; i < log.size(); i++) {
      PlacementRecord record = PlacementCodec.decode(Bytes.wrap(log.get(i)));
      Replayed replayed = restored.with(record);
      assertThat(replayed.ruling()).isEqualTo(rulings.get(i));
      restored = replayed.image();
    }
    assertThat(restored).isEqualTo(live);
    assertThat(PlacementCodec.encodeImage(restored)).isEqualTo(PlacementCodec.encodeImage(live));
  }

  /** What must hold from any image to its successor. */
  private static void check(ClusterImage before, Replayed replayed) {
    ClusterImage after = replayed.image();
    assertThat(after.revisionBound()).isGreaterThanOrEqualTo(before.revisionBound());
    assertThat(after.lastId()).isGreaterThanOrEqualTo(before.lastId());
    assertThat(after.marks().compacted()).isGreaterThanOrEqualTo(before.marks().compacted());
    assertThat(after.marks().compacted()).isLessThanOrEqualTo(after.revisionBound() + 1);
    assertThat(after.floor())
        .as("what may be removed never shrinks, whatever barriers come and go")
        .isBetween(before.floor(), after.marks().compacted());
    assertThat(after.lastStoreId()).isGreaterThanOrEqualTo(before.lastStoreId());
    assertThat(after.stores().keySet()).containsAll(before.stores().keySet());
    if (before.isFounded()) {
      assertThat(after.clusterId()).isEqualTo(before.clusterId());
    }
    if (before.isBootstrapped()) {
      assertThat(after.founding()).isEqualTo(before.founding());
    }
    after.stores().forEach((id, store) -> {
      StoreDescriptor known = before.stores().get(id);
      assertThat(known == null || known.incarnation() == store.incarnation()).isTrue();
    });
    List<RegionDescriptor> regions = List.copyOf(after.regions().values());
    for (RegionDescriptor one : regions) {
      assertThat(regions.stream().filter(other -> other.range().overlaps(one.range())))
          .containsExactly(one);
    }
    if (replayed.ruling() instanceof Ruling.Given given
        && after.lastStoreId() > before.lastStoreId()) {
      assertThat(given.value()).isEqualTo(before.lastStoreId() + 1);
    }
  }

  private static PlacementRecord record(Random random, ClusterImage image) {
    return switch (random.nextInt(14)) {
      case 0 -> new FoundCluster(random.nextLong() | 1, 1);
      case 1, 2 -> new RegisterStore(store(random));
      case 3 -> new AllocateIds(random.nextInt(5));
      case 4 -> new ExtendRevisions(random.nextInt(10_000));
      case 5 ->
        image.stores().isEmpty()
            ? new AllocateIds(1)
            : BootstrapPlan.plan(
                List.of(Bytes.utf8("g"), Bytes.utf8("p")),
                image.stores().keySet().stream().sorted().toList(),
                3,
                image.lastId() - random.nextInt(2));
      case 6 ->
        new NotePlanning(new PlanningNotes(
            new TreeMap<>(Map.of("rule-" + random.nextInt(3), (long) random.nextInt(3))),
            Map.of(region(random).range(), 1L + random.nextInt(9))));
      case 7 -> new Compact(random.nextInt(10_000), random.nextInt(3));
      case 8 -> new HoldBarrier(barrier(random));
      case 9 -> new RenewBarrier("b" + random.nextInt(4));
      case 10 -> new DropBarrier("b" + random.nextInt(4), random.nextInt(3) - 1);
      case 11 ->
        new NoteTime(new TimeMap.Sample(
            random.nextInt(100_000), random.nextInt(10_000), random.nextInt(10_000), 5));
      case 12 -> new ChangeAuth(auth(random));
      default -> new UpdateRegions(List.of(region(random), region(random)));
    };
  }

  private static AdministerRequest auth(Random random) {
    AdministerRequest.Builder change = AdministerRequest.newBuilder().setNonce(random.nextInt(9));
    return (random.nextBoolean()
            ? change.setUserAdd(AuthUserAddRequest.newBuilder()
                .setName("u" + random.nextInt(3))
                .setHashedPassword("h"))
            : change.setRoleAdd(AuthRoleAddRequest.newBuilder().setName("r" + random.nextInt(3))))
        .build();
  }

  private static Barrier barrier(Random random) {
    return new Barrier(
        "b" + random.nextInt(4),
        "o" + random.nextInt(2),
        random.nextInt(10_000),
        random.nextInt(4_000),
        7,
        0);
  }

  private static StoreDescriptor store(Random random) {
    int n = random.nextInt(6);
    return new StoreDescriptor(
        new StoreId(random.nextInt(4)),
        n,
        "h:" + n,
        random.nextInt(5) == 0 ? "h:1" : "h:" + (n + 100),
        Map.of("zone", "z" + n),
        StoreDescriptor.State.UP);
  }

  private static RegionDescriptor region(Random random) {
    char from = (char) ('a' + random.nextInt(25));
    char to = (char) (from + 1 + random.nextInt('z' - from));
    return new RegionDescriptor(
        new RegionId(1 + random.nextInt(6)),
        KeyRange.of(Bytes.utf8(String.valueOf(from)), Bytes.utf8(String.valueOf(to))),
        new RegionEpoch(1 + random.nextInt(5), 1 + random.nextInt(3)),
        List.of(Peer.voter(1, 1 + random.nextInt(9))));
  }

  @Seeds(200)
  void aRecordWithAFlippedBitIsRefused(long seed) {
    Random random = new Random(seed);
    byte[] bytes = PlacementCodec.encode(new RegisterStore(store(random)));
    bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
    assertThatThrownBy(() -> PlacementCodec.decode(Bytes.wrap(bytes)))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aRecordCutShortIsRefused() {
    byte[] bytes = PlacementCodec.encode(new FoundCluster(7, 1));
    for (int length = 0; length < bytes.length; length++) {
      Bytes cut = Bytes.wrap(bytes).slice(0, length);
      assertThatThrownBy(() -> PlacementCodec.decode(cut))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void idsEndBeforeReplicaIdsOverflow() {
    ClusterImage full = new ClusterImage(
        1,
        1,
        0,
        Integer.MAX_VALUE - 1,
        new ClusterImage.Marks(0, 0, 0),
        new TreeMap<>(),
        new TreeMap<>(),
        List.of(),
        PlanningNotes.NONE,
        History.EMPTY,
        AuthImage.EMPTY);
    assertThat(full.with(new AllocateIds(2)).ruling()).isInstanceOf(Ruling.Refused.class);
    assertThat(full.with(new AllocateIds(1)).ruling())
        .isEqualTo(new Ruling.Given(Integer.MAX_VALUE));
  }
}
