package io.quorate.region.transaction;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.util.List;

/**
 * On a key that a transaction writes: nobody else reads it at or above the least commit revision, or writes it.
 *
 * @param key user key
 * @param holder whose it is
 * @param minCommit least commit revision; once raised, never lowered
 * @param intent what will be written
 * @param spans on the primary only: all that the transaction locks, wherever
 */
public record WriteLock(
    Bytes key, Holder holder, long minCommit, Intent intent, List<KeyRange> spans) implements Lock {
  /**
   * What a transaction will write to a key.
   *
   * @param sub its place among all that the transaction writes
   * @param delete whether the key goes; then lease and value do not matter
   */
  public record Intent(int sub, boolean delete, long lease, Bytes value) {}

  public WriteLock {
    spans = List.copyOf(spans);
  }

  @Override
  public KeyRange range() {
    return KeyRange.single(key);
  }

  /** Whether it is what decides its transaction. */
  public boolean isPrimary() {
    return key.equals(holder.primary());
  }

  WriteLock pushed(long to) {
    return new WriteLock(key, holder, Math.max(minCommit, to), intent, spans);
  }
}
