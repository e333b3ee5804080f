package io.quorate.client.store;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * Collects what must run outside the I/O thread, and hands all of it over at once: one hop for a
 * whole batch of answers. Owned by a connection; confined to its loop.
 */
public final class Deliveries {
  private final Executor executor;
  private List<Runnable> collected = new ArrayList<>();

  public Deliveries(Executor executor) {
    this.executor = executor;
  }

  public void add(Runnable delivery) {
    collected.add(delivery);
  }

  /** Hands over what was collected since the last time. */
  public void flush() {
    if (collected.isEmpty()) {
      return;
    }
    List<Runnable> batch = collected;
    collected = new ArrayList<>(batch.size());
    executor.execute(batch.size() == 1 ? batch.get(0) : () -> batch.forEach(Runnable::run));
  }
}
