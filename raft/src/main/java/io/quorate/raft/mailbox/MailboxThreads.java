package io.quorate.raft.mailbox;

import java.lang.reflect.InvocationTargetException;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads all mailboxes of the process share; jraft's stages find them here, because jraft passes nothing of ours to
 * them. Never shut down: daemons that go away when idle.
 */
public final class MailboxThreads {
  private static final Logger log = LoggerFactory.getLogger(MailboxThreads.class);
  private static final Object GATE = new Object();
  private static @Nullable MailboxConfig chosen;
  private static @Nullable MailboxThreads shared;

  private final Executor compute;
  private final Executor logging;

  MailboxThreads(MailboxConfig config) {
    this.compute = new MailboxPool("raft-compute-", config.computeThreads());
    Optional<Executor> virtual = config.virtualLogThreads() ? virtualThreads() : Optional.empty();
    this.logging = virtual.orElseGet(() -> MailboxPool.forkJoin("raft-log-", config.logThreads()));
  }

  /** The process's threads, started as configured. */
  public static MailboxThreads shared() {
    synchronized (GATE) {
      if (shared == null) {
        shared = new MailboxThreads(chosen == null ? MailboxConfig.defaults() : chosen);
      }
      return shared;
    }
  }

  /** Says how many there shall be; of no effect once a group was started in this process. */
  public static void configure(MailboxConfig config) {
    synchronized (GATE) {
      if (shared != null && !config.equals(chosen)) {
        log.info("mailbox threads are already started, {} ignored", config);
        return;
      }
      chosen = config;
    }
  }

  /** For handlers that wait for nothing but short locks. */
  public Executor compute() {
    return compute;
  }

  /** For handlers that wait for the disk. */
  public Executor log() {
    return logging;
  }

  /** By reflection: the classes are compiled for JDK 17. */
  static Optional<Executor> virtualThreads() {
    try {
      return Optional.of((Executor)
          Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null));
    } catch (NoSuchMethodException | IllegalAccessException e) {
      return Optional.empty();
    } catch (InvocationTargetException e) {
      // JDK 19 and 20 have the method, but as a preview only.
      return Optional.empty();
    }
  }
}
