package io.quorate.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.model.Protocol;
import io.quorate.model.StoreId;
import io.quorate.proto.Envelope;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class EnvelopeCheckTest {
  private static final EnvelopeCheck CHECK =
      new EnvelopeCheck(new StoreIdentity(5, new StoreId(2), 77));

  @Test
  void messageForThisStoreIsTaken() {
    assertThat(refusal(envelope -> envelope)).isEmpty();
  }

  @Test
  void receiverMayBeLeftOpen() {
    assertThat(refusal(envelope -> envelope.clearToStore().clearToIncarnation()))
        .isEmpty();
  }

  @Test
  void eachMismatchIsNamed() {
    assertThat(refusal(Envelope.Builder::clear)).contains("no envelope");
    assertThat(refusal(envelope -> envelope.setProtocolVersion(Protocol.VERSION + 1)))
        .contains("protocol version");
    assertThat(refusal(envelope -> envelope.setClusterId(6))).contains("0000000000000006");
    assertThat(refusal(envelope -> envelope.setToStore(3)))
        .contains("this is store 2")
        .contains("store 3");
    assertThat(refusal(envelope -> envelope.setToIncarnation(78))).contains("another incarnation");
  }

  private static String refusal(UnaryOperator<Envelope.Builder> change) {
    Envelope.Builder fitting = Envelope.newBuilder()
        .setProtocolVersion(Protocol.VERSION)
        .setClusterId(5)
        .setToStore(2)
        .setToIncarnation(77);
    return CHECK
        .refuse(change.apply(fitting).build())
        .map(error -> error.message())
        .orElse("");
  }
}
