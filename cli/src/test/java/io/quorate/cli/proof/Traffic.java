package io.quorate.cli.proof;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.cli.soak.Fault;
import io.quorate.cli.soak.RoundReport;

/** Whether a round proves something: nothing is broken, all faults were done, and there was enough to break. */
final class Traffic {
  private static final long ACKED_MIN = 50;
  private static final long READS_MIN = 20;

  private Traffic() {}

  static void judge(RoundReport report, Fault... faults) {
    System.out.println(report.counts() + " " + report.strikes());
    assertThat(report.violations()).isEmpty();
    assertThat(report.strikes()).extracting(RoundReport.Strike::fault).containsExactly(faults);
    assertThat(report.acked())
        .as("too little traffic to prove anything: %s", report)
        .isGreaterThan(ACKED_MIN);
    assertThat(report.reads())
        .as("too little traffic to prove anything: %s", report)
        .isGreaterThan(READS_MIN);
    assertThat(report.snapshotReads())
        .as("too little traffic: %s", report)
        .isGreaterThan(READS_MIN);
  }
}
