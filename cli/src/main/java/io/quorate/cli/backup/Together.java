package io.quorate.cli.backup;

import io.quorate.client.backup.BackupException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Runs jobs side by side on threads that end with them. */
final class Together {
  private static final long TELL_SECONDS = 5;

  private Together() {}

  /** All results, in order; at the first failure the rest is broken off, and it is thrown. */
  static <T> List<T> run(int parallel, List<Callable<T>> jobs, Runnable everyFewSeconds) {
    ExecutorService threads = Executors.newFixedThreadPool(parallel, task -> {
      Thread made = new Thread(task, "backup");
      made.setDaemon(true);
      return made;
    });
    try {
      List<Future<T>> running = new ArrayList<>();
      jobs.forEach(job -> running.add(threads.submit(job)));
      List<T> results = new ArrayList<>();
      for (Future<T> each : running) {
        results.add(await(each, everyFewSeconds));
      }
      return results;
    } finally {
      threads.shutdownNow();
    }
  }

  private static <T> T await(Future<T> job, Runnable everyFewSeconds) {
    while (true) {
      try {
        return job.get(TELL_SECONDS, TimeUnit.SECONDS);
      } catch (TimeoutException e) {
        everyFewSeconds.run();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new BackupException("interrupted", e);
      } catch (ExecutionException e) {
        if (e.getCause() instanceof RuntimeException known) {
          throw known;
        }
        throw new BackupException(String.valueOf(e.getCause()), e);
      }
    }
  }
}
