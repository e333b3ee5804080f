package io.quorate.placement.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.testing.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The map from age to revision against a list that forgets nothing. */
class TimeMapProperties {
  /** It answers never later than the whole list would, earlier by a part of the age at most, and stays small. */
  @Seeds(100)
  void answersAreNearAndOnTheSafeSide(long seed) {
    Random random = new Random(seed);
    TimeMap map = TimeMap.EMPTY;
    List<TimeMap.Sample> all = new ArrayList<>();
    long age = 0;
    long revision = 1;
    long drawn = 0;
    int longest = 0;
    for (int i = 0; i < 5_000; i++) {
      long step = 1L + random.nextInt(2_000);
      age += step;
      int written = random.nextInt(3) * random.nextInt(50);
      revision += written + (random.nextInt(500) == 0 ? 1_000_000 : 0);
      drawn += written;
      TimeMap.Sample sample = new TimeMap.Sample(age, revision, drawn, 0);
      map = map.with(sample, 0);
      all.add(sample);
      longest = Math.max(longest, map.samples().size());
      if (i % 50 == 0) {
        long back = 1L + random.nextInt((int) age);
        Optional<TimeMap.Sample> exact = last(all, age - back);
        Optional<TimeMap.Sample> found = map.atAge(age - back);
        if (found.isPresent()) {
          assertThat(exact).isPresent();
          assertThat(found.get().age()).isLessThanOrEqualTo(exact.get().age());
          assertThat(exact.get().age() - found.get().age())
              .isLessThanOrEqualTo((age - found.get().age()) / TimeMap.PARTS + 2_000);
        }
        long kept = random.nextInt((int) drawn + 1);
        map.atDrawn(drawn - kept)
            .ifPresent(at -> assertThat(at.drawn())
                .isLessThanOrEqualTo(all.get(all.size() - 1).drawn() - kept));
      }
    }
    assertThat(longest).isLessThan(900);
  }

  private static Optional<TimeMap.Sample> last(List<TimeMap.Sample> all, long age) {
    return all.stream().filter(sample -> sample.age() <= age).reduce((a, b) -> b);
  }

  @Test
  void whatLiesBelowTheCompactedRevisionIsForgottenButForTheLast() {
    TimeMap map = TimeMap.EMPTY;
    for (int i = 1; i <= 10; i++) {
      map = map.with(new TimeMap.Sample(i, 10L * i, i, 0), 55);
    }
    assertThat(map.samples().get(0).revision()).isEqualTo(50);
    assertThat(map.samples()).hasSize(6);
  }

  @Test
  void nothingGoesBack() {
    TimeMap map = TimeMap.EMPTY.with(new TimeMap.Sample(10, 10, 10, 0), 0);
    assertThat(map.with(new TimeMap.Sample(10, 11, 11, 0), 0)).isEqualTo(map);
    assertThat(map.with(new TimeMap.Sample(11, 9, 11, 0), 0)).isEqualTo(map);
    assertThat(map.with(new TimeMap.Sample(11, 11, 9, 0), 0)).isEqualTo(map);
  }

  @Test
  void retentionIsReadAsEtcdWritesIt() {
    assertThat(Retention.parse("periodic", "1h")).isEqualTo(Retention.DEFAULT);
    assertThat(Retention.parse("periodic", "2"))
        .isEqualTo(new Retention(Retention.Mode.PERIODIC, 7_200_000));
    assertThat(Retention.parse("periodic", "90s"))
        .isEqualTo(new Retention(Retention.Mode.PERIODIC, 90_000));
    assertThat(Retention.parse("revision", "1000"))
        .isEqualTo(new Retention(Retention.Mode.REVISION, 1_000));
    assertThat(Retention.parse("revision", "0").mode()).isEqualTo(Retention.Mode.OFF);
    assertThat(Retention.parse("periodic", "0").mode()).isEqualTo(Retention.Mode.OFF);
    for (String wrong : List.of("soon", "-1", "", "1w")) {
      assertThatThrownBy(() -> Retention.parse("periodic", wrong))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("auto-compaction-retention");
    }
    assertThatThrownBy(() -> Retention.parse("revision", "1h"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Retention.parse("daily", "1h"))
        .hasMessageContaining("auto-compaction-mode");
  }

  /** What one leader after the other measures: history is kept at least as long as was said, whatever their wall clocks say. */
  @Seeds(100)
  void historyIsNeverKeptShorterThanWasSaid(long seed) {
    Random random = new Random(seed);
    boolean byAge = random.nextBoolean();
    Retention retention = byAge
        ? new Retention(Retention.Mode.PERIODIC, 60_000)
        : new Retention(Retention.Mode.REVISION, 500);
    HistoryLimits limits = HistoryLimits.of(retention);
    History log = History.EMPTY;
    long compacted = 0;
    long real = 0;
    long revision = 1;
    // Of every revision when it was handed out, and the how manieth it was.
    List<long[]> handedOut = new ArrayList<>();
    for (int leader = 0; leader < 5; leader++) {
      long nanos = random.nextInt(1_000_000_000);
      long began = real;
      Clockwork works = new Clockwork(limits, log, revision, nanos);
      for (int i = 0; i < 200; i++) {
        real += random.nextInt(2_000);
        for (int n = random.nextInt(10); n > 0; n--) {
          revision++;
          handedOut.add(new long[] {revision, real});
        }
        TimeMap.Sample now =
            works.now(revision, nanos + (real - began) * 1_000_000, random.nextLong());
        long let = compacted;
        Optional<TimeMap.Sample> noted = works.sample(now, let);
        if (noted.isPresent()) {
          log = log.with(log.times().with(noted.get(), compacted));
        }
        compacted = Math.max(compacted, works.compactTo(now));
        int count = handedOut.size();
        int at = count - 1;
        while (at >= 0 && handedOut.get(at)[0] > compacted) {
          at--;
        }
        // The last write that may have superseded something which is gone: was it long enough ago?
        if (at >= 0 && byAge) {
          assertThat(real - handedOut.get(at)[1]).isGreaterThanOrEqualTo(60_000);
        } else if (at >= 0) {
          assertThat(count - at).isGreaterThan(500);
        }
      }
      revision += random.nextInt(2) * 1_000_000L;
      real += random.nextInt(100_000);
    }
    assertThat(compacted).isPositive();
  }

  @Test
  void aBarrierEndsItsTimeAfterTheLastRenewalAndEveryLeaderGivesItAllOfItAgain() {
    Barrier barrier = new Barrier("b", "test", 7, 10_000, 0, 0);
    History log = History.EMPTY.with(barrier);
    Clockwork works = new Clockwork(HistoryLimits.defaults(), log, 9, 0);
    assertThat(works.expired(log, 0)).isEmpty();
    assertThat(works.expired(log, 10_000_000_000L)).isEmpty();
    assertThat(works.leftMillis(barrier, 4_000_000_000L)).isEqualTo(6_000);
    assertThat(works.expired(log, 10_000_000_001L)).containsExactly(new Clockwork.Expired("b", 0));

    History renewed = log.with(barrier.renewed());
    assertThat(works.expired(renewed, 11_000_000_000L)).isEmpty();
    assertThat(works.expired(renewed, 21_000_000_000L)).isEmpty();
    assertThat(works.expired(renewed, 21_000_000_001L))
        .containsExactly(new Clockwork.Expired("b", 1));

    Clockwork next = new Clockwork(HistoryLimits.defaults(), renewed, 9, 21_000_000_001L);
    assertThat(next.expired(renewed, 21_000_000_001L)).isEmpty();
    assertThat(next.expired(renewed, 31_000_000_001L)).isEmpty();
    assertThat(next.expired(History.EMPTY, 99_000_000_000L)).isEmpty();
  }
}
