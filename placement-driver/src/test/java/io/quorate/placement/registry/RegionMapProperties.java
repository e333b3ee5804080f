package io.quorate.placement.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Peer;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionEpoch;
import io.quorate.model.RegionId;
import io.quorate.placement.cluster.ClusterImage;
import io.quorate.placement.cluster.UpdateRegions;
import io.quorate.testing.Seeds;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * Regions split, merge and change members; their leaders' words reach PD late, twice and in any order. Whatever has come, the
 * map never shows two regions for one key, the log never does either, and once the last words are in, both tile the keyspace.
 */
class RegionMapProperties {
  private static final int STEPS = 60;

  private final List<RegionDescriptor> live = new ArrayList<>();
  private final List<RegionDescriptor> told = new ArrayList<>();
  private long lastId = 10;

  @Seeds(300)
  void everyMapTilesAndTheLastOneIsTheTruth(long seed) {
    Random random = new Random(seed);
    live.clear();
    told.clear();
    RegionDescriptor whole = new RegionDescriptor(
        new RegionId(1), KeyRange.ALL, RegionEpoch.FIRST, List.of(Peer.voter(1, 1)));
    live.add(whole);
    HeartbeatBook book = new HeartbeatBook(ClusterImage.EMPTY, 0, Long.MAX_VALUE);
    ClusterImage image = hear(book, ClusterImage.EMPTY, whole);
    for (int step = 0; step < STEPS; step++) {
      change(random);
      Collections.shuffle(told, random);
      for (RegionDescriptor late : told.subList(0, Math.min(3, told.size()))) {
        image = hear(book, image, late);
      }
    }
    List<RegionDescriptor> last = new ArrayList<>(live);
    Collections.shuffle(last, random);
    for (RegionDescriptor region : last) {
      image = hear(book, image, region);
    }
    assertThat(descriptors(book)).containsExactlyElementsOf(live);
    assertThat(image.regions().values()).containsExactlyInAnyOrderElementsOf(live);
    HeartbeatBook successor = new HeartbeatBook(image, 0, Long.MAX_VALUE);
    assertThat(descriptors(successor)).containsExactlyElementsOf(live);
  }

  private static ClusterImage hear(
      HeartbeatBook book, ClusterImage image, RegionDescriptor region) {
    HeartbeatBook.Verdict verdict = book.hear(
        new HeardRegion(region, Optional.of(region.peers().get(0)), 1, 0, 0), List.of(), 0);
    assertTiles(descriptors(book));
    ClusterImage after = image;
    if (verdict instanceof HeartbeatBook.Verdict.Accepted accepted) {
      List<RegionDescriptor> news = new ArrayList<>(
          accepted.others().stream().map(HeardRegion::descriptor).toList());
      news.add(region);
      after = image.with(new UpdateRegions(news)).image();
    }
    assertTiles(after.regions().values().stream()
        .sorted((one, other) -> one.range().start().compareTo(other.range().start()))
        .toList());
    return after;
  }

  private static List<RegionDescriptor> descriptors(HeartbeatBook book) {
    return book.regions().stream().map(HeardRegion::descriptor).toList();
  }

  /** From the first word on every key is somebody's, at every moment. */
  private static void assertTiles(List<RegionDescriptor> sorted) {
    Bytes at = Bytes.EMPTY;
    for (RegionDescriptor region : sorted) {
      assertThat(region.range().start()).as("%s", sorted).isEqualTo(at);
      at = region.range().end();
    }
    assertThat(at).as("%s", sorted).isEqualTo(Bytes.EMPTY);
  }

  private void change(Random random) {
    int at = random.nextInt(live.size());
    RegionDescriptor region = live.get(at);
    switch (random.nextInt(3)) {
      case 0 -> split(random, at, region);
      case 1 -> {
        if (at + 1 < live.size()) {
          merge(at, region, live.get(at + 1));
        }
      }
      default ->
        replace(
            at,
            new RegionDescriptor(
                region.id(),
                region.range(),
                new RegionEpoch(region.epoch().version(), region.epoch().membership() + 1),
                List.of(Peer.voter(1 + random.nextInt(5), ++lastId))));
    }
  }

  private void split(Random random, int at, RegionDescriptor region) {
    Bytes start = region.range().start();
    Bytes key = start.isEmpty()
        ? Bytes.utf8(String.valueOf((char) ('b' + random.nextInt(20))))
        : Bytes.utf8(start.toUtf8() + (char) ('b' + random.nextInt(20)));
    if (!region.range().contains(key) || key.equals(start)) {
      return;
    }
    RegionEpoch epoch =
        new RegionEpoch(region.epoch().version() + 1, region.epoch().membership());
    RegionDescriptor child = new RegionDescriptor(
        new RegionId(++lastId), KeyRange.of(key, region.range().end()), epoch, region.peers());
    replace(at, new RegionDescriptor(region.id(), KeyRange.of(start, key), epoch, region.peers()));
    live.add(at + 1, child);
    told.add(child);
  }

  private void merge(int at, RegionDescriptor left, RegionDescriptor right) {
    long version = Math.max(left.epoch().version(), right.epoch().version()) + 1;
    live.remove(at + 1);
    replace(
        at,
        new RegionDescriptor(
            left.id(),
            KeyRange.of(left.range().start(), right.range().end()),
            new RegionEpoch(version, left.epoch().membership()),
            left.peers()));
  }

  private void replace(int at, RegionDescriptor now) {
    live.set(at, now);
    told.add(now);
  }
}
