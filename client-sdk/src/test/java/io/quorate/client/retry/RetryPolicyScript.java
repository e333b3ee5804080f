package io.quorate.client.retry;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Peer;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionEpoch;
import io.quorate.model.RegionError;
import io.quorate.model.RegionId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * Goal: the whole rule book of retries can be read as one table. Method: each line of the script is
 * an attempt and its failure; behind the arrow stands what the policy decides, with jitter 0.
 */
class RetryPolicyScript {
  private static final Path SCRIPT = Path.of("src/test/resources/scripts/retry-policy.txt");
  private static final RegionDescriptor REGION = new RegionDescriptor(
      new RegionId(7),
      KeyRange.of(Bytes.EMPTY, Bytes.EMPTY),
      RegionEpoch.FIRST,
      List.of(Peer.voter(1, 11)));

  @Test
  void theRuleBookHolds() throws IOException {
    List<String> actual = new ArrayList<>();
    List<String> expected = Files.readAllLines(SCRIPT);
    for (String line : expected) {
      actual.add(
          line.isBlank() || line.startsWith("#")
              ? line
              : line.substring(0, line.indexOf("=>")) + "=> " + decide(line));
    }
    if (Boolean.getBoolean("rewrite")) {
      Files.write(SCRIPT, actual);
    }
    assertThat(actual).isEqualTo(expected);
  }

  private static String decide(String line) {
    String[] words = line.substring(0, line.indexOf("=>")).strip().split("\\s+");
    Failure failure = failure(words);
    boolean read = words[0].equals("read");
    Attempt attempt = new Attempt(
        Integer.parseInt(words[1]),
        !words[0].equals("write"),
        words[0].equals("doubtful") || (!read && failure.mayHaveHappened()),
        Long.parseLong(words[2]));
    Decision decision = RetryPolicy.defaults().decide(attempt, failure, 0);
    if (decision instanceof Decision.Retry retry) {
      return "retry after " + retry.pauseMillis() + (retry.otherPeer() ? " other-peer" : "")
          + (retry.refresh() ? " refresh" : "");
    }
    return "give up " + ((Decision.GiveUp) decision).verdict();
  }

  private static Failure failure(String[] words) {
    boolean sent = words.length > 4 && words[4].equals("sent");
    String detail = words.length > 4 ? words[4] : "";
    return switch (words[3]) {
      case "broken" -> new Failure.Broken(sent, "connection reset");
      case "timed-out" -> new Failure.TimedOut(sent, "silence");
      case "no-route" -> new Failure.NoRoute("nobody knows");
      case "overloaded" -> new Failure.Overloaded("too many");
      case "closed" -> new Failure.Closed(sent, "closed");
      default -> new Failure.Answered(error(words[3], detail));
    };
  }

  private static RegionError error(String kind, String detail) {
    return switch (kind) {
      case "not-leader" ->
        new RegionError.NotLeader(
            REGION.id(),
            detail.equals("hint") ? Optional.of(REGION.peers().get(0)) : Optional.empty(),
            "");
      case "epoch" ->
        new RegionError.EpochMismatch(detail.equals("current") ? List.of(REGION) : List.of(), "");
      case "not-found" -> new RegionError.RegionNotFound(REGION.id(), "");
      case "out-of-range" -> new RegionError.KeyOutOfRange(REGION, "");
      case "busy" -> new RegionError.ServerBusy(Integer.parseInt(detail), "");
      case "unavailable" -> new RegionError.Unavailable("");
      case "indeterminate" -> new RegionError.Indeterminate("");
      case "misdirected" -> new RegionError.Misdirected("");
      case "deadline" -> new RegionError.DeadlineExceeded("");
      default -> throw new IllegalArgumentException(kind);
    };
  }
}
