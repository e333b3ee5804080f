package io.quorate.client.placement;

import io.quorate.proto.HeartbeatResponse;

/** Hears what happens to a heartbeat stream, on the placement client's I/O thread: never block. */
public interface HeartbeatListener {
  /** A stream to the current PD leader is open: send a full beat now. */
  void opened();

  /** PD answered; its error, if any, is not one of leadership. */
  void answered(HeartbeatResponse response);

  /** The stream ended; another is being opened. */
  void broken(String why);

  /** PD does not take this process for one of the cluster. The stream is opened again all the same. */
  default void disbelieved(String why) {}
}
