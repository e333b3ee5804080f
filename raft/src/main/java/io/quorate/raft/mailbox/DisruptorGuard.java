package io.quorate.raft.mailbox;

import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.dsl.Disruptor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.util.Collections;
import java.util.List;

/** Refuses to start beside the real LMAX Disruptor, whose classes would take the place of our stand-in, or it of theirs. */
public final class DisruptorGuard {
  private static final String RING = "com/lmax/disruptor/RingBuffer.class";

  private DisruptorGuard() {}

  /**
   * Looks at what this class loader sees; called once by the host, before any group starts.
   *
   * @throws IllegalStateException naming the other artifact
   */
  public static void check() {
    ClassLoader loader = DisruptorGuard.class.getClassLoader();
    try {
      check(
          List.of(Disruptor.class, RingBuffer.class),
          Collections.list(
              loader == null ? ClassLoader.getSystemResources(RING) : loader.getResources(RING)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void check(List<Class<?>> loaded, List<URL> found) {
    boolean ours = loaded.stream().allMatch(StandIn.class::isAssignableFrom);
    if (!ours || found.size() > 1) {
      throw new IllegalStateException(
          "com.lmax:disruptor is on the class path, where quorate-raft brings a stand-in of its"
              + " own; exclude one of " + found);
    }
  }
}
