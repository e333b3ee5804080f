package io.quorate.region.watch;

import io.quorate.proto.WatchResponse;

/** Where a connection's messages go. Used by one thread at a time; never blocks. */
public interface WatchSink {
  /** Whether there is room for another message; once it is again after it was not, {@link WatchConnection#wake} is called. */
  boolean ready();

  /** Takes a message, and may keep it until {@link #flush}. */
  void send(WatchResponse message);

  /** No message follows for now. */
  void flush();
}
