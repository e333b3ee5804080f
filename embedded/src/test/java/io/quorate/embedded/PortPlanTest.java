package io.quorate.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class PortPlanTest {
  @Test
  void everyProcessGetsItsPlaceAboveTheBase() {
    PortPlan ports = new PortPlan(2379);
    assertThat(ports.storeClients(1)).isEqualTo(2379);
    assertThat(ports.storePeers(1)).isEqualTo(2380);
    assertThat(ports.pd(1)).isEqualTo(2381);
    assertThat(ports.storeClients(3)).isEqualTo(2399);
    assertThat(ports.pd(3)).isEqualTo(2401);
  }

  @Test
  void anyFreePortIsZeroEverywhere() {
    assertThat(PortPlan.anyFree().storeClients(7)).isZero();
  }

  @Test
  void portsThatDoNotExistAreRefused() {
    assertThatThrownBy(() -> new PortPlan(65_530)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new PortPlan(65_500).storeClients(9))
        .hasMessageContaining("lower base port");
  }
}
