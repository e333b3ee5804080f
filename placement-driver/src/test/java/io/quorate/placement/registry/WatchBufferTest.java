package io.quorate.placement.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Peer;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionEpoch;
import io.quorate.model.RegionId;
import io.quorate.placement.cluster.ClusterImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class WatchBufferTest {
  private final HeartbeatBook book = new HeartbeatBook(ClusterImage.EMPTY, 0, Long.MAX_VALUE);

  private static HeardRegion region(int id, long term) {
    String start = id == 0 ? "" : String.format("%02d", id);
    return new HeardRegion(
        new RegionDescriptor(
            new RegionId(id + 1),
            KeyRange.of(Bytes.utf8(start), Bytes.utf8(String.format("%02d", id + 1))),
            RegionEpoch.FIRST,
            List.of(Peer.voter(1, 1))),
        Optional.of(Peer.voter(1, 1)),
        term,
        0,
        0);
  }

  private List<HeardRegion> drain(WatchBuffer buffer, int max) {
    List<HeardRegion> all = new ArrayList<>();
    for (List<HeardRegion> next = buffer.next(book, max);
        !next.isEmpty();
        next = buffer.next(book, max)) {
      assertThat(next.size()).isLessThanOrEqualTo(max);
      all.addAll(next);
    }
    return all;
  }

  @Test
  void theListingComesFirstThenTheNewestOfEachChange() {
    for (int i = 0; i < 10; i++) {
      book.hear(region(i, 1), List.of(), 0);
    }
    WatchBuffer buffer = new WatchBuffer(5);
    assertThat(drain(buffer, 3)).hasSize(10);
    buffer.offer(region(2, 2));
    buffer.offer(region(4, 2));
    buffer.offer(region(2, 3));
    assertThat(drain(buffer, 3)).containsExactly(region(4, 2), region(2, 3));
  }

  @Test
  void aWatcherThatFallsBehindGetsTheListingAnew() {
    for (int i = 0; i < 10; i++) {
      book.hear(region(i, 1), List.of(), 0);
    }
    WatchBuffer buffer = new WatchBuffer(3);
    drain(buffer, 100);
    for (int i = 0; i < 4; i++) {
      book.hear(region(i, 2), List.of(), 0);
      buffer.offer(region(i, 2));
    }
    List<HeardRegion> told = drain(buffer, 4);
    assertThat(told).hasSize(10).contains(region(3, 2));
  }
}
