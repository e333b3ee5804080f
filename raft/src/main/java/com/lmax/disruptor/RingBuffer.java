package com.lmax.disruptor;

import io.quorate.raft.mailbox.Mailbox;
import io.quorate.raft.mailbox.StandIn;

/**
 * The publishers' side of a {@link Mailbox}; made by {@link com.lmax.disruptor.dsl.Disruptor}, used on any thread. Its size
 * is what {@link #tryPublishEvent} keeps to; {@link #publishEvent} may exceed it up to the mailbox's hard bound.
 */
public final class RingBuffer<E> implements StandIn {
  private final EventFactory<E> factory;
  private final Mailbox<E> mailbox;

  public RingBuffer(EventFactory<E> factory, Mailbox<E> mailbox) {
    this.factory = factory;
    this.mailbox = mailbox;
  }

  /**
   * Publishes without waiting: jraft calls it under its node's lock (FSMCallerImpl), which the handler may need.
   *
   * @throws IllegalStateException beyond the hard bound
   */
  public void publishEvent(EventTranslator<E> translator) {
    mailbox.put(translated(translator));
  }

  /** Publishes, or answers false when the ring is full. */
  public boolean tryPublishEvent(EventTranslator<E> translator) {
    return mailbox.remaining() > 0 && mailbox.offer(translated(translator));
  }

  public boolean hasAvailableCapacity(int requiredCapacity) {
    return mailbox.remaining() >= requiredCapacity;
  }

  public long remainingCapacity() {
    return mailbox.remaining();
  }

  public int getBufferSize() {
    return mailbox.capacity();
  }

  private E translated(EventTranslator<E> translator) {
    E event = factory.newInstance();
    translator.translateTo(event, -1);
    return event;
  }
}
