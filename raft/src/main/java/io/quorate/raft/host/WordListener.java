package io.quorate.raft.host;

/** Hears what the owners of other stores' groups say. Called on the streams' threads: must neither block nor do much. */
@FunctionalInterface
public interface WordListener {
  void heard(long fromStore, byte[] word);
}
