package io.quorate.raft.mailbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.dsl.Disruptor;
import java.net.URI;
import java.net.URL;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DisruptorStandInTest {
  private static final String JRAFT = "com.alipay.sofa.jraft.";

  @Test
  void onlyTheLogManagersStageGetsThreadsThatMayWaitForTheDisk() throws Exception {
    assertThat(Disruptor.parks(
            Class.forName(JRAFT + "storage.impl.LogManagerImpl$StableClosureEventFactory")))
        .isTrue();
    for (String stage : List.of(
        "core.NodeImpl$LogEntryAndClosureFactory",
        "core.FSMCallerImpl$ApplyTaskFactory",
        "core.ReadOnlyServiceImpl$ReadIndexEventFactory")) {
      assertThat(Disruptor.parks(Class.forName(JRAFT + stage))).as(stage).isFalse();
    }
  }

  /** All classes of jraft-core that name a type of the disruptor. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "util.DisruptorBuilder",
        "util.LogExceptionHandler",
        "util.DisruptorMetricSet",
        "storage.impl.LogManagerImpl",
        "storage.impl.LogManagerImpl$StableClosureEventHandler",
        "core.NodeImpl",
        "core.NodeImpl$LogEntryAndClosureHandler",
        "core.FSMCallerImpl",
        "core.FSMCallerImpl$ApplyTaskHandler",
        "core.ReadOnlyServiceImpl",
        "core.ReadOnlyServiceImpl$ReadIndexEventHandler"
      })
  void everyTypeThatJraftNamesIsThere(String name) throws Exception {
    Class<?> type = Class.forName(JRAFT + name);
    int named = type.getDeclaredMethods().length
        + type.getDeclaredFields().length
        + type.getDeclaredConstructors().length;
    assertThat(named).as("resolving them would have thrown").isPositive();
  }

  @Test
  void itPassesItsOwnCheck() {
    assertThatCode(DisruptorGuard::check).doesNotThrowAnyException();
  }

  @Test
  void theRealOneIsRefusedInOneLine() throws Exception {
    List<URL> twice = List.of(
        URI.create("file:/lib/quorate-raft.jar").toURL(),
        URI.create("file:/lib/disruptor-3.3.7.jar").toURL());
    assertThatThrownBy(() -> DisruptorGuard.check(List.of(RingBuffer.class), twice))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("disruptor-3.3.7.jar");
    assertThatThrownBy(() -> DisruptorGuard.check(List.of(String.class), twice.subList(1, 2)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("stand-in");
  }
}
