package io.quorate.raft.transport;

import io.grpc.ManagedChannel;

/** Opens connections to peers the owner's way (TLS, keep-alive); the transport closes what it got. */
public interface ChannelFactory {
  /**
   * Opens a channel without waiting for the connection.
   *
   * @param hostPort as {@link PeerAddresses} gave it
   */
  ManagedChannel open(String hostPort);
}
