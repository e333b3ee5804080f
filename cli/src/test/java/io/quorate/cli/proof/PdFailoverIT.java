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

/** Three placement drivers as real processes, the leading one killed and paused under load. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PdFailoverIT {
  private static final LoadKeys KEYS = new LoadKeys(4, 8);
  private static final SoakLoop.Pace PACE =
      new SoakLoop.Pace(8, Duration.ofSeconds(1), Duration.ofMillis(3500), Duration.ofMinutes(3));

  @TempDir
  static Path directory;

  private LocalClusterHost cluster;
  private SoakLoop soak;

  @BeforeAll
  void start() {
    cluster = LocalClusterHost.at(directory, 3, 3, FreeBase.port(), KEYS.splitKeys());
    cluster.start();
    soak = new SoakLoop(cluster, KEYS, PACE, 1);
  }

  @AfterAll
  void stop() {
    cluster.stop();
  }

  @Test
  void writesResumeAndNoRevisionRepeatsWhenTheLeaderIsKilledAndTheNextOnePaused() {
    Fault[] faults = {Fault.KILL_PD_LEADER, Fault.PAUSE_PD_LEADER, Fault.PAUSE_PD_LEADER};
    RoundReport report = soak.round(1, List.of(faults));
    Traffic.judge(report, faults);
    assertThat(report.directAsks())
        .as("revisions told by the very member asked: %s", report)
        .isGreaterThan(20);
  }
}
