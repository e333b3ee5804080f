package io.quorate.raft.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.model.Protocol;
import io.quorate.proto.RaftFrame;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class GreetingTest {
  private static final StoreIdentity ONE = new StoreIdentity(0xc, 1, 11);
  private static final StoreIdentity TWO = new StoreIdentity(0xc, 2, 22);

  private static final PeerAddresses NOBODY = store -> Optional.empty();

  /** What PD told: store 1 is of incarnation 11, store 2 of 22. */
  private static final PeerAddresses TOLD = new PeerAddresses() {
    @Override
    public Optional<String> address(long storeId) {
      return Optional.empty();
    }

    @Override
    public long incarnation(long storeId) {
      return storeId <= 2 ? 11 * storeId : 0;
    }
  };

  @Test
  void storesOfOneClusterMeet() {
    assertThat(Greeting.mismatch(Greeting.to(2, 0, ONE), TWO, 0, NOBODY)).isEmpty();
    assertThat(Greeting.mismatch(Greeting.to(1, 0, TWO), ONE, 2, NOBODY)).isEmpty();
  }

  @Test
  void anotherClusterIsRefusedByName() {
    assertThat(Greeting.mismatch(Greeting.to(2, 0, new StoreIdentity(0xd, 1, 11)), TWO, 0, NOBODY))
        .hasValueSatisfying(why -> assertThat(why).contains("cluster id is d there and c here"));
  }

  @Test
  void storeThatMovedIntoAnothersAddressIsRefused() {
    assertThat(Greeting.mismatch(Greeting.to(3, 0, ONE), TWO, 0, NOBODY))
        .hasValueSatisfying(why -> assertThat(why).contains("meant for store 3"));
    assertThat(Greeting.mismatch(Greeting.to(1, 0, new StoreIdentity(0xc, 3, 33)), ONE, 2, NOBODY))
        .hasValueSatisfying(why -> assertThat(why).contains("this is store 3, expected 2"));
  }

  @Test
  void anotherIncarnationOfAKnownStoreIsRefusedByBothEnds() {
    StoreIdentity old = new StoreIdentity(0xc, 1, 10);
    assertThat(Greeting.mismatch(Greeting.to(2, 22, ONE), TWO, 0, TOLD)).isEmpty();
    assertThat(Greeting.mismatch(Greeting.to(2, 22, old), TWO, 0, TOLD))
        .hasValueSatisfying(why -> assertThat(why)
            .contains("store 1 is known as another incarnation: a wiped disk is a new store"));
    assertThat(Greeting.mismatch(Greeting.to(2, 22, old), TWO, 0, NOBODY))
        .as("nobody has told yet who store 1 is")
        .isEmpty();
    assertThat(Greeting.mismatch(Greeting.to(1, 11, TWO), old, 2, NOBODY))
        .hasValueSatisfying(
            why -> assertThat(why).contains("meant for another incarnation of store 1"));
  }

  @Test
  void newerProtocolAndMissingGreetingAreRefused() {
    RaftFrame.Builder newer = Greeting.to(2, 0, ONE).toBuilder();
    newer.getEnvelopeBuilder().setProtocolVersion(Protocol.VERSION + 1);
    assertThat(Greeting.mismatch(newer.build(), TWO, 0, NOBODY))
        .hasValueSatisfying(why -> assertThat(why).contains("newer"));
    assertThat(Greeting.mismatch(RaftFrame.getDefaultInstance(), TWO, 0, NOBODY))
        .isPresent();
  }
}
