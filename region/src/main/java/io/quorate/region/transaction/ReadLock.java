package io.quorate.region.transaction;

import io.quorate.model.KeyRange;

/**
 * On what a transaction has read: nobody else writes there, be it a key that does not exist.
 *
 * @param range one key, or more
 */
public record ReadLock(KeyRange range, Holder holder) implements Lock {
  @Override
  public long minCommit() {
    return holder.start() + 1;
  }
}
