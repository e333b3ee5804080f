package io.quorate.placement.registry;

/**
 * One open stream to a store or client, as the registry sees it; must not be called back from inside. Its methods never
 * block.
 *
 * @param <T> what is sent
 */
public interface ReplySink<T> {
  /** Whether the receiver keeps up; the registry is told when it does again. */
  boolean isReady();

  void send(T message);

  /** Ends the stream after what was sent. */
  void complete();
}
