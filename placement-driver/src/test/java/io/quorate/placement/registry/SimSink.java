package io.quorate.placement.registry;

import java.util.ArrayList;
import java.util.List;

/** A stream whose receiver keeps up or not, as told. */
final class SimSink<T> implements ReplySink<T> {
  final List<T> sent = new ArrayList<>();
  boolean ready = true;
  boolean completed;

  @Override
  public boolean isReady() {
    return ready;
  }

  @Override
  public void send(T message) {
    sent.add(message);
  }

  @Override
  public void complete() {
    completed = true;
  }

  T last() {
    return sent.get(sent.size() - 1);
  }
}
