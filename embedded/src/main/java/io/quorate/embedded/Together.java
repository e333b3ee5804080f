package io.quorate.embedded;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/** Does blocking things for several processes at the same time. */
final class Together {
  private Together() {}

  /** Returns when all are done; the first failure is thrown then. */
  static <T> void run(Collection<T> items, Consumer<T> work) {
    if (items.isEmpty()) {
      return;
    }
    ExecutorService threads = Executors.newFixedThreadPool(items.size());
    try {
      List<Future<?>> running = new ArrayList<>();
      items.forEach(item -> running.add(threads.submit(() -> work.accept(item))));
      RuntimeException failure = null;
      for (Future<?> each : running) {
        try {
          each.get();
        } catch (ExecutionException e) {
          failure = e.getCause() instanceof RuntimeException cause
              ? cause
              : new IllegalStateException(e.getCause());
        }
      }
      if (failure != null) {
        throw failure;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } finally {
      threads.shutdown();
    }
  }
}
