package io.quorate.raft;

/**
 * Names one replica of a group: the store it lives on and a number never used twice, never an address.
 *
 * @param store the store's id, greater than 0
 * @param replica 1 to 2^31-1
 */
public record ReplicaId(long store, long replica) {
  @Override
  public String toString() {
    return "s" + store + "/r" + replica;
  }
}
