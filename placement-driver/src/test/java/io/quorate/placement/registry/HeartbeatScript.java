package io.quorate.placement.registry;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Peer;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionEpoch;
import io.quorate.model.RegionId;
import io.quorate.model.StoreId;
import io.quorate.placement.ScriptRunner;
import io.quorate.placement.cluster.ClusterImage;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Which heartbeats PD believes, told line by line: {@code beat ID START END VERSION.MEMBERSHIP TERM LEADER}. */
class HeartbeatScript {
  private final HeartbeatBook book = new HeartbeatBook(ClusterImage.EMPTY, 0, Long.MAX_VALUE);

  @Test
  void heartbeatsAreJudged() throws IOException {
    ScriptRunner.run("heartbeats.txt", this::answer);
  }

  private String answer(String line) {
    String[] words = line.split(" ", -1);
    StringBuilder text = new StringBuilder();
    if (words[0].equals("beat")) {
      HeartbeatBook.Verdict verdict = book.hear(region(words), List.of(), 0);
      if (verdict instanceof HeartbeatBook.Verdict.Refused refused) {
        text.append("refused: ").append(refused.why()).append('\n');
      } else if (verdict instanceof HeartbeatBook.Verdict.Accepted accepted) {
        text.append("accepted")
            .append(accepted.shapeChanged() ? ", new shape" : "")
            .append(accepted.moved() ? ", told to watchers" : "")
            .append(accepted.others().isEmpty() ? "" : ", with those that waited for it")
            .append('\n');
      } else {
        text.append("waits\n");
      }
    }
    KeyRange range = words[0].equals("lookup") ? range(words[1], words[2]) : KeyRange.ALL;
    book.regions(range, 100)
        .forEach(region -> text.append("  ")
            .append(region.descriptor().id())
            .append('@')
            .append(region.descriptor().epoch())
            .append(' ')
            .append(region.descriptor().range())
            .append(region.leader().map(peer -> " led by s" + peer.store()).orElse(""))
            .append('\n'));
    return text.toString();
  }

  private static HeardRegion region(String[] words) {
    String[] epoch = words[4].split("\\.", -1);
    long store = Long.parseLong(words[6]);
    Peer leader = Peer.voter(store, store);
    return new HeardRegion(
        new RegionDescriptor(
            new RegionId(Long.parseLong(words[1])),
            range(words[2], words[3]),
            new RegionEpoch(Long.parseLong(epoch[0]), Long.parseLong(epoch[1])),
            List.of(Peer.voter(1, 1), Peer.voter(2, 2), Peer.voter(3, 3))),
        leader.store().equals(StoreId.NONE) ? Optional.empty() : Optional.of(leader),
        Long.parseLong(words[5]),
        0,
        0);
  }

  private static KeyRange range(String start, String end) {
    return KeyRange.of(key(start), key(end));
  }

  private static Bytes key(String word) {
    return word.equals("-") ? Bytes.EMPTY : Bytes.utf8(word);
  }
}
