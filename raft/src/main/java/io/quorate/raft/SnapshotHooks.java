package io.quorate.raft;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * Snapshots of machines whose whole state is small and in memory (PD, the counter example): saved to and loaded from one
 * stream. Called under the same rule as {@link StateMachine}.
 */
public interface SnapshotHooks {
  void save(OutputStream out) throws IOException;

  /** Replaces the whole state. */
  void load(InputStream in) throws IOException;
}
