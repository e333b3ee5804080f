package io.quorate.region.transaction;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who waits for locks is served by age, one at a time for the same keys, and never later than it is patient. */
final class LockQueueTest {
  private static final Bytes A = Bytes.utf8("a");
  private static final Bytes B = Bytes.utf8("b");
  private static final TxnId NOBODY = new TxnId(0, 0);
  private static final long TURN = 40;
  private static final long PATIENCE = 200;

  private final LockTable locks = new LockTable();
  private final LockQueue<String> queue = new LockQueue<>(TURN);

  private void add(String name, Bytes key, long since) {
    add(name, key, since, NOBODY, false);
  }

  private void add(String name, Bytes key, long since, TxnId self, boolean writes) {
    queue.add(new LockQueue.Waiter<>(
        KeyRange.single(key), self, writes, since, since > 0, PATIENCE, name));
  }

  private void lock(Bytes key, TxnId by) {
    locks.apply(List.of(new LockChange.Write(
        key,
        new WriteLock(
            key,
            new Holder(by, 5, key, 1000),
            6,
            new WriteLock.Intent(0, false, 0, Bytes.EMPTY),
            List.of()))));
  }

  private void unlock(Bytes key) {
    locks.apply(List.of(new LockChange.Write(key, null)));
  }

  @Test
  void theOldestGoesFirstAndTheNextAfterItHasLockedAndReleased() {
    lock(A, new TxnId(1, 1));
    add("young", A, 30);
    add("old", A, 10);
    add("middle", A, 20);
    add("elsewhere", B, 40);
    assertThat(queue.due(locks, 0)).containsExactly("elsewhere");
    unlock(A);
    assertThat(queue.due(locks, 1)).containsExactly("old");
    assertThat(queue.due(locks, 2)).isEmpty();
    lock(A, new TxnId(1, 2));
    assertThat(queue.due(locks, 3)).isEmpty();
    unlock(A);
    assertThat(queue.due(locks, 4)).containsExactly("middle");
    // Who does not take its turn keeps nobody waiting for long.
    assertThat(queue.due(locks, 4 + TURN - 1)).isEmpty();
    assertThat(queue.due(locks, 4 + TURN)).containsExactly("young");
    assertThat(queue.isIdle()).isFalse();
    assertThat(queue.due(locks, 4 + 3 * TURN)).isEmpty();
    assertThat(queue.isIdle()).isTrue();
  }

  @Test
  void whoWritesWithoutALockHasHadItsTurn() {
    add("one", A, 10);
    add("other", A, 20);
    assertThat(queue.due(locks, 0)).containsExactly("one");
    queue.written(List.of(B));
    assertThat(queue.due(locks, 1)).isEmpty();
    queue.written(List.of(B, A));
    assertThat(queue.due(locks, 2)).containsExactly("other");
  }

  @Test
  void whoLocksNothingIsServedWithAllOthers() {
    lock(A, new TxnId(1, 1));
    add("old", A, 10);
    add("put", A, 0);
    add("another put", A, 0);
    unlock(A);
    assertThat(queue.due(locks, 1)).containsExactly("put", "another put", "old");
  }

  @Test
  void patienceHasAnEnd() {
    lock(A, new TxnId(1, 1));
    add("one", A, 10);
    assertThat(queue.due(locks, PATIENCE - 1)).isEmpty();
    assertThat(queue.due(locks, PATIENCE)).containsExactly("one");
  }

  @Test
  void onesOwnLocksAndForReadersThoseOfReadersAreNotInTheWay() {
    TxnId own = new TxnId(1, 1);
    lock(A, own);
    add("own", A, 10, own, true);
    assertThat(queue.due(locks, 0)).containsExactly("own");
    unlock(A);
    locks.apply(List.of(new LockChange.Read(
        new ReadLock(KeyRange.ALL, new Holder(new TxnId(2, 2), 5, B, 1000)), true)));
    add("reads", B, 10, own, false);
    add("writes", A, 10, own, true);
    assertThat(queue.due(locks, 1)).containsExactly("reads");
    assertThat(queue.takeAll()).containsExactly("writes");
  }

  @Test
  void thoseBeyondTheBoundDoNotWait() {
    lock(A, new TxnId(1, 1));
    List<String> names = new ArrayList<>();
    for (int i = 0; i < LockQueue.MAX_WAITING + 2; i++) {
      names.add("number " + i);
      add("number " + i, A, 10 + i);
    }
    assertThat(queue.due(locks, 0)).isEqualTo(names.subList(0, 2));
    assertThat(queue.size()).isEqualTo(LockQueue.MAX_WAITING);
  }
}
