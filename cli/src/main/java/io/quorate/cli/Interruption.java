package io.quorate.cli;

import io.quorate.client.lease.Session;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;

/** Ends a session when the process is told to end, so that nobody waits for its lease. Thread: the JVM's own for that. */
final class Interruption implements AutoCloseable {
  private final Thread hook;
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile boolean come;

  private Interruption(Session session) {
    this.hook = new Thread(() -> end(session), "interruption");
  }

  static Interruption of(Session session) {
    Interruption made = new Interruption(session);
    Runtime.getRuntime().addShutdownHook(made.hook);
    return made;
  }

  private void end(Session session) {
    come = true;
    try {
      session.end().join();
    } catch (CompletionException e) {
      // The lease ends by itself.
      System.err.println("quorate: the lease is left to its time: " + e.getCause());
    } finally {
      ended.countDown();
    }
  }

  boolean hasCome() {
    return come;
  }

  /** Waits until the session has ended, if the process is about to end. */
  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      come = true;
      try {
        ended.await();
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
