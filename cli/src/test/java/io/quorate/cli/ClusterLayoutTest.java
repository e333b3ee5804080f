package io.quorate.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class ClusterLayoutTest {
  @Test
  void layoutIsReadAsItWasWritten() {
    ClusterShape cut = new ClusterShape(List.of("a#b", "c=d", "é", "f\\g h"), 0, "user", 5);
    ClusterLayout layout = new ClusterLayout(4, 3, 3000, 3, cut);
    assertThat(ClusterLayout.decode(layout.encode())).isEqualTo(layout);
    ClusterLayout even = new ClusterLayout(1, 1, 3000, 1, new ClusterShape(List.of(), 8, "k", 3));
    assertThat(ClusterLayout.decode(even.encode())).isEqualTo(even);
  }

  @Test
  void addressesFollowThePorts() {
    ClusterLayout layout = new ClusterLayout(2, 3, 3000, 2, ClusterShape.oneRegion());
    assertThat(layout.names()).containsExactly("pd-1", "pd-2", "pd-3", "store-1", "store-2");
    assertThat(layout.pdAddresses()).isEqualTo("127.0.0.1:3002,127.0.0.1:3012,127.0.0.1:3022");
    assertThat(layout.pdPeers()).startsWith("1@127.0.0.1:3002,2@");
    assertThat(layout.storePeerAddress(2)).isEqualTo("127.0.0.1:3011");
  }

  @Test
  void clustersThatCannotBeAreRefused() {
    assertThatThrownBy(() -> new ClusterLayout(0, 1, 3000, 1, ClusterShape.oneRegion()))
        .hasMessageContaining("--stores");
    assertThatThrownBy(() -> new ClusterLayout(1, 2, 3000, 1, ClusterShape.oneRegion()))
        .hasMessageContaining("--pds");
    assertThatThrownBy(() -> new ClusterShape(List.of("a"), 3, "user", 3))
        .hasMessageContaining("not both");
  }
}
