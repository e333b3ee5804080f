package io.quorate.raft.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CallsTest {
  private final Calls calls = new Calls(2);

  @Test
  void tooManyOpenCallsAreRefused() {
    assertThat(register(100)).isPositive();
    long second = register(100);
    assertThat(second).isPositive();
    assertThat(register(100)).isZero();
    assertThat(calls.remove(second)).isPresent();
    assertThat(calls.remove(second)).isEmpty();
    assertThat(register(100)).isPositive();
  }

  @Test
  void callsExpireByTheirOwnTimeouts() {
    register(100);
    register(200);
    assertThat(calls.removeExpired(TimeUnit.MILLISECONDS.toNanos(150))).hasSize(1);
    assertThat(calls.isEmpty()).isFalse();
    assertThat(calls.removeAll()).hasSize(1);
    assertThat(calls.isEmpty()).isTrue();
  }

  private long register(long timeoutMillis) {
    return calls.register(1, (result, failure) -> {}, 0, timeoutMillis);
  }
}
