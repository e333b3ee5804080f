package io.quorate.client.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

/** How addresses are written. */
class EndpointTest {
  @Test
  void readsListsWithSpacesAndIpV6() {
    assertThat(Endpoint.parseList("pd1:2381, [::1]:2382,"))
        .isEqualTo(List.of(new Endpoint("pd1", 2381), new Endpoint("[::1]", 2382)));
  }

  @Test
  void saysWhatIsWrong() {
    for (String wrong : List.of("pd1", ":2381", "pd1:x", "pd1:0", "pd1:65536")) {
      assertThatThrownBy(() -> Endpoint.parse(wrong))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("not a host:port address");
    }
    assertThatThrownBy(() -> Endpoint.parseList(" , ")).hasMessageContaining("no address in");
  }
}
