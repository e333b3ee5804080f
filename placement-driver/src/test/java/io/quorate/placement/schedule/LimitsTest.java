package io.quorate.placement.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LimitsTest {
  private static void refused(String key, String text, String words) {
    assertThatThrownBy(() -> Limits.defaults().with(Map.of(key, text)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(words);
  }

  @Test
  void defaultsAreThese() {
    Limits limits = Limits.defaults();
    assertThat(limits.count(Setting.MAX_REPLICAS)).isEqualTo(3);
    assertThat(limits.count(Setting.LEADER_SCHEDULE_LIMIT)).isEqualTo(4);
    assertThat(limits.count(Setting.REGION_SCHEDULE_LIMIT)).isEqualTo(2_048);
    assertThat(limits.count(Setting.REPLICA_SCHEDULE_LIMIT)).isEqualTo(64);
    assertThat(limits.count(Setting.MERGE_SCHEDULE_LIMIT)).isEqualTo(8);
    assertThat(limits.count(Setting.HOT_REGION_SCHEDULE_LIMIT)).isEqualTo(4);
    assertThat(limits.time(Setting.MAX_STORE_DOWN_TIME)).isEqualTo(Duration.ofMinutes(30));
    assertThat(limits.count(Setting.MAX_SNAPSHOT_COUNT)).isEqualTo(64);
    assertThat(limits.count(Setting.MAX_PENDING_PEER_COUNT)).isEqualTo(64);
    assertThat(limits.ratio(Setting.STORE_LIMIT_ADD_PEER)).isEqualTo(15);
    assertThat(limits.ratio(Setting.STORE_LIMIT_REMOVE_PEER)).isEqualTo(15);
    assertThat(limits.flag(Setting.ENABLE_MERGE)).isFalse();
    assertThat(limits.bytes(Setting.MAX_MERGE_REGION_SIZE)).isEqualTo(54L << 20);
    assertThat(limits.bytes(Setting.MAX_MERGE_REGION_KEYS)).isEqualTo(540_000);
    assertThat(limits.time(Setting.SPLIT_MERGE_INTERVAL)).isEqualTo(Duration.ofHours(1));
    assertThat(limits.ratio(Setting.LOW_SPACE_RATIO)).isEqualTo(0.8);
    assertThat(limits.ratio(Setting.HIGH_SPACE_RATIO)).isEqualTo(0.7);
    assertThat(limits.names(Setting.LOCATION_LABELS)).isEmpty();
  }

  @Test
  void textsAreReadAsPeopleWriteThem() {
    Limits limits = Limits.defaults()
        .with(Map.of(
            "location-labels", "zone, rack,host",
            "isolation-level", "rack",
            "max-store-down-time", "20s",
            "max-merge-region-size", "4MiB",
            "enable-merge", "true"));
    assertThat(limits.names(Setting.LOCATION_LABELS)).containsExactly("zone", "rack", "host");
    assertThat(limits.nanos(Setting.MAX_STORE_DOWN_TIME)).isEqualTo(20_000_000_000L);
    assertThat(limits.bytes(Setting.MAX_MERGE_REGION_SIZE)).isEqualTo(4L << 20);
    assertThat(limits.flag(Setting.ENABLE_MERGE)).isTrue();
  }

  @Test
  void nonsenseIsOneLine() {
    refused("colour", "red", "no setting is called 'colour'");
    refused("max-replicas", "8", "from 1 to 7");
    refused("max-replicas", "many", "a number");
    refused("max-store-down-time", "soon", "a time like");
    refused("max-merge-region-size", "big", "a size like");
    refused("enable-merge", "maybe", "true or false");
    refused("isolation-level", "zone", "must be one of --location-labels");
    refused("high-space-ratio", "0.9", "must not be above");
  }
}
