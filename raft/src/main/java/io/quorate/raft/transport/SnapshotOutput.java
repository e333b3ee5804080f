package io.quorate.raft.transport;

import io.quorate.proto.SnapshotPiece;

/** Where the pieces of one snapshot go; used by one thread of the host, which waits for a slow receiver. */
public interface SnapshotOutput {
  /**
   * Sends a piece once the receiver has room for it.
   *
   * @throws IllegalStateException when the receiver is gone, or takes nothing for too long
   */
  void send(SnapshotPiece piece) throws InterruptedException;

  /** All pieces were sent. */
  void end();

  /** There will be no more pieces, and why. */
  void refuse(String why);
}
