package io.quorate.placement.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.model.Bytes;
import io.quorate.placement.history.HistoryLimits;
import io.quorate.placement.history.Retention;
import io.quorate.placement.oracle.OracleLimits;
import io.quorate.placement.registry.LivenessLimits;
import io.quorate.placement.registry.RegistryLimits;
import io.quorate.placement.schedule.Limits;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PlacementConfigTest {
  private static final PlacementConfig DEFAULTS = PlacementConfig.defaults(Path.of("d"));

  @Test
  void defaultsAreThese() {
    assertThat(DEFAULTS)
        .isEqualTo(new PlacementConfig(
            1,
            "127.0.0.1:2381",
            "",
            Map.of(),
            Path.of("d"),
            1,
            List.of(),
            1,
            Duration.ofSeconds(1),
            Duration.ofMillis(100),
            new OracleLimits(1_000_000, 100_000, 100_000),
            new RegistryLimits(
                new LivenessLimits(Duration.ofSeconds(10), Duration.ofMinutes(30)),
                1_000,
                10_000,
                10_000,
                256,
                Duration.ofSeconds(30),
                Duration.ofSeconds(10)),
            Limits.defaults(),
            new HistoryLimits(
                new Retention(Retention.Mode.PERIODIC, 3_600_000), 1_000, 60_000, 60_000)));
  }

  @Test
  void nonsenseIsRefusedBeforeAnythingIsOpened() {
    refused(() -> DEFAULTS.withListen("nowhere"), "--listen 'nowhere' is not host:port");
    refused(() -> DEFAULTS.withListen("h:99999"), "beyond 65535");
    refused(() -> DEFAULTS.withListen("h:x"), "has no number as port");
    refused(
        () -> DEFAULTS.withMember(3, "h:1", "", Map.of(1L, "a:1", 2L, "b:1")),
        "does not name this member, 3");
    refused(
        () -> DEFAULTS.withMember(1, "h:0", "", Map.of(1L, "a:1", 2L, "b:1")),
        "--listen needs a port");
    refused(() -> DEFAULTS.withBootstrap(0, List.of(), 3), "bootstrap stores must be 1 to 1000: 0");
    refused(
        () -> DEFAULTS.withBootstrap(1, List.of(), 8),
        "--max-replicas is '8': it must be from 1 to 7");
    refused(
        () -> DEFAULTS.withBootstrap(1, List.of(Bytes.utf8("b"), Bytes.utf8("a")), 3),
        "must ascend");
    refused(() -> new OracleLimits(10, 6, 1), "at least twice");
  }

  private static void refused(Runnable config, String why) {
    assertThatThrownBy(config::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(why);
  }

  @Test
  void addressesMayBeV6() {
    assertThat(HostPort.parse("--listen", "[::1]:2381"))
        .isEqualTo(new HostPort("::1", 2381))
        .hasToString("[::1]:2381");
  }
}
