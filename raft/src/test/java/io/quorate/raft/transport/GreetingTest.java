package io.quorate.raft.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.model.Protocol;
import io.quorate.proto.RaftFrame;
import org.junit.jupiter.api.Test;

class GreetingTest {
  private static final StoreIdentity ONE = new StoreIdentity(0xc, 1, 11);
  private static final StoreIdentity TWO = new StoreIdentity(0xc, 2, 22);

  @Test
  void storesOfOneClusterMeet() {
    assertThat(Greeting.mismatch(Greeting.to(2, ONE), TWO, 0)).isEmpty();
    assertThat(Greeting.mismatch(Greeting.to(1, TWO), ONE, 2)).isEmpty();
  }

  @Test
  void anotherClusterIsRefusedByName() {
    assertThat(Greeting.mismatch(Greeting.to(2, new StoreIdentity(0xd, 1, 11)), TWO, 0))
        .hasValueSatisfying(why -> assertThat(why).contains("cluster id is d there and c here"));
  }

  @Test
  void storeThatMovedIntoAnothersAddressIsRefused() {
    assertThat(Greeting.mismatch(Greeting.to(3, ONE), TWO, 0))
        .hasValueSatisfying(why -> assertThat(why).contains("meant for store 3"));
    assertThat(Greeting.mismatch(Greeting.to(1, new StoreIdentity(0xc, 3, 33)), ONE, 2))
        .hasValueSatisfying(why -> assertThat(why).contains("this is store 3, expected 2"));
  }

  @Test
  void newerProtocolAndMissingGreetingAreRefused() {
    RaftFrame.Builder newer = Greeting.to(2, ONE).toBuilder();
    newer.getEnvelopeBuilder().setProtocolVersion(Protocol.VERSION + 1);
    assertThat(Greeting.mismatch(newer.build(), TWO, 0))
        .hasValueSatisfying(why -> assertThat(why).contains("newer"));
    assertThat(Greeting.mismatch(RaftFrame.getDefaultInstance(), TWO, 0)).isPresent();
  }
}
