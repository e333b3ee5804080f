package io.quorate.cli.proof;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.cli.LocalClusterHost;
import io.quorate.cli.soak.Fault;
import io.quorate.cli.soak.LoadKeys;
import io.quorate.cli.soak.RoundReport;
import io.quorate.cli.soak.SoakLoop;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Stores as real processes, killed and paused without warning under load; clients judge by what they saw. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProcessClusterIT {
  private static final LoadKeys KEYS = new LoadKeys(4, 8);
  private static final Duration SERVES_AGAIN = Duration.ofSeconds(60);
  private static final SoakLoop.Pace PACE =
      new SoakLoop.Pace(8, Duration.ofSeconds(3), Duration.ofMillis(2500), SERVES_AGAIN);

  @TempDir
  static Path directory;

  private LocalClusterHost cluster;
  private SoakLoop soak;

  @BeforeAll
  void start() {
    cluster = LocalClusterHost.at(directory, 3, 1, FreeBase.port(), KEYS.splitKeys());
    cluster.start();
    soak = new SoakLoop(cluster, KEYS, PACE, 1);
  }

  @AfterAll
  void stop() {
    cluster.stop();
  }

  private void survives(long seed, Fault... faults) {
    Traffic.judge(soak.round(seed, List.of(faults)), faults);
  }

  @Test
  void killedLeaderLosesNoAcknowledgedWriteAndComesBack() {
    survives(1, Fault.KILL_STORE, Fault.KILL_STORE);
  }

  @Test
  void everythingKilledAtOnceLosesNoAcknowledgedWriteAndServesWithinSeconds() {
    survives(2, Fault.KILL_ALL);
  }

  @Test
  void leaderPausedPastItsElectionAnswersNoStaleReadWhenItWakes() {
    Fault[] faults = {Fault.PAUSE_STORE, Fault.PAUSE_STORE};
    RoundReport report = soak.round(3, List.of(faults));
    Traffic.judge(report, faults);
    assertThat(report.directReads())
        .as("reads answered by the store that was asked")
        .isGreaterThan(20);
  }
}
