package io.quorate.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.client.transport.Endpoint;
import io.quorate.region.host.MoveLimits;
import io.quorate.region.split.SplitLimits;
import io.quorate.store.StoreConfig.RaftTimings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StoreConfigTest {
  private static final List<Endpoint> PD = List.of(new Endpoint("127.0.0.1", 2381));

  @Test
  void defaultsArePinned() {
    assertThat(StoreConfig.defaults(StoreAddresses.loopback(), PD, Path.of("d")))
        .isEqualTo(new StoreConfig(
            StoreAddresses.loopback(),
            PD,
            Path.of("d"),
            Map.of(),
            Duration.ofSeconds(60),
            Duration.ofSeconds(10),
            Duration.ofSeconds(1),
            Duration.ofSeconds(10),
            Duration.ofSeconds(3),
            new RaftTimings(Duration.ofSeconds(1), Duration.ofMillis(200)),
            67_108_864,
            new StoreLimits(1_572_864, 16_777_216, 16_384, 67_108_864, 1_048_576, 16_777_216),
            StoreSecurity.plaintext(),
            new SplitConfig(
                new SplitLimits(100_663_296, 960_000, 20_000, 31_457_280),
                Duration.ofSeconds(2),
                Duration.ofSeconds(1),
                20_000_000,
                Duration.ofSeconds(10)),
            new MoveLimits(
                1_000,
                Duration.ofSeconds(10),
                Duration.ofSeconds(1),
                Duration.ofMillis(400),
                1_024,
                3),
            Optional.empty()));
  }

  @Test
  void nonsenseIsRefusedInWordsForTheUser() {
    assertThatThrownBy(
            () -> StoreConfig.defaults(StoreAddresses.loopback(), List.of(), Path.of("d")))
        .hasMessageContaining("--pd HOST:PORT");
    assertThatThrownBy(() -> new RaftTimings(Duration.ofSeconds(1), Duration.ofMillis(400)))
        .hasMessageContaining("at most a third");
    assertThatThrownBy(() -> StoreLimits.defaults().withStreamRequests(0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void wildcardNeedsAnAddressToTellOthers() {
    ListenAddress all = ListenAddress.parse("0.0.0.0:2379");
    ListenAddress peer = ListenAddress.parse("10.0.0.1:2380");
    assertThatThrownBy(() -> StoreAddresses.of(all, peer)).hasMessageContaining("--advertise");
    StoreAddresses told = new StoreAddresses(
        all, peer, Optional.of(ListenAddress.parse("db1:2379")), Optional.empty());
    assertThat(told.announcedClient(2379)).hasToString("db1:2379");
    assertThat(told.announcedPeer(2380)).hasToString("10.0.0.1:2380");
  }

  @Test
  void bothListenersCannotShareAPort() {
    ListenAddress one = ListenAddress.parse("127.0.0.1:2379");
    assertThatThrownBy(() -> StoreAddresses.of(one, one)).hasMessageContaining("port of its own");
  }

  @Test
  void addressesAreReadAsPeopleWriteThem() {
    assertThat(ListenAddress.parse("[::1]:80"))
        .isEqualTo(new ListenAddress("::1", 80))
        .hasToString("[::1]:80");
    for (String wrong : List.of("", "host", ":80", "host:", "host:x", "host:70000")) {
      assertThatThrownBy(() -> ListenAddress.parse(wrong))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
