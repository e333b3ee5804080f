package com.lmax.disruptor.dsl;

import com.lmax.disruptor.EventFactory;
import com.lmax.disruptor.EventHandler;
import com.lmax.disruptor.ExceptionHandler;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.WaitStrategy;
import io.quorate.raft.mailbox.Mailbox;
import io.quorate.raft.mailbox.MailboxThreads;
import io.quorate.raft.mailbox.StandIn;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * Puts a ring together for one stage of one jraft group; owned by that group's node. It starts no thread: the handler runs
 * on the process's {@link MailboxThreads}.
 */
public final class Disruptor<T> implements StandIn {
  /** The one stage that waits for the disk inside its handler is jraft's log manager, in this package. */
  private static final String PARKING_STAGE = "com.alipay.sofa.jraft.storage.";

  /** jraft's stage that takes proposals into the log. */
  private static final String PROPOSING_STAGE = "com.alipay.sofa.jraft.core.NodeImpl$";

  private final EventFactory<T> factory;
  private final int capacity;
  private @Nullable EventHandler<? super T> handler;
  private @Nullable ExceptionHandler<? super T> failures;
  private @Nullable Mailbox<T> mailbox;

  @SuppressWarnings("unused") // the parameters are jraft's
  public Disruptor(
      EventFactory<T> eventFactory,
      int ringBufferSize,
      ThreadFactory threadFactory,
      ProducerType producerType,
      WaitStrategy waitStrategy) {
    this.factory = eventFactory;
    this.capacity = ringBufferSize;
  }

  @SafeVarargs
  public final EventHandlerGroup<T> handleEventsWith(EventHandler<? super T>... handlers) {
    if (handlers.length != 1 || handler != null) {
      throw new IllegalStateException("a ring has one handler");
    }
    handler = handlers[0];
    return new EventHandlerGroup<>();
  }

  public void setDefaultExceptionHandler(ExceptionHandler<? super T> exceptionHandler) {
    failures = exceptionHandler;
  }

  public RingBuffer<T> start() {
    EventHandler<? super T> events = handler;
    ExceptionHandler<? super T> failed = failures;
    if (events == null || failed == null || mailbox != null) {
      throw new IllegalStateException(
          "a ring starts once, with a handler and an exception handler");
    }
    MailboxThreads threads = MailboxThreads.shared();
    Executor executor = parks(factory.getClass()) ? threads.log() : threads.compute();
    Mailbox<T> started = new Mailbox<>(
        capacity,
        executor,
        events::onEvent,
        failed::handleEventException,
        wakesReplicators(factory.getClass()));
    mailbox = started;
    return new RingBuffer<>(factory, started);
  }

  /** Takes no more events and waits for those at hand. */
  public void shutdown() {
    if (mailbox != null) {
      mailbox.close();
    }
  }

  /** Whether the stage that makes these events gives nothing to jraft's pools but the waking of replicators. */
  public static boolean wakesReplicators(Class<?> eventFactory) {
    return eventFactory.getName().startsWith(PROPOSING_STAGE);
  }

  /** Whether the stage that makes these events waits for the disk in its handler. */
  public static boolean parks(Class<?> eventFactory) {
    return eventFactory.getName().startsWith(PARKING_STAGE);
  }
}
