package io.quorate.region.storage;

import io.quorate.model.RegionId;
import java.util.Optional;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * Removes from one replica what its floor lets go, step by step: of each key the versions below the floor but the newest
 * of them, and that one, too, where it is a tombstone; then the notes of those changes. What happened at the floor itself stays. Owned by whoever began it; one thread.
 */
/*
 * Two ways. Where all changes since the last pass are noted under the region's own id here, these are worked off: the cost is
 * that of the changes. Else (a child of a split, for what was written before it; a region of a store that kept no record of this)
 * all keys are looked at, once, as soon as the floor has come to where the region's own notes begin: from then on the notes do.
 *
 * Nothing here needs the apply thread. A version that is superseded below a floor stays so for every later state of its
 * key on whatever replica, so removing it is right however late it comes: after a split, after an install, after the range went
 * to a neighbour. Only the record of how far it is done would then tell of other data; it is written under a lock of the region's
 * and only if nothing of that happened. If it did, or at a crash, the next pass does some of it again, which finds nothing.
 *
 * A reader at or above the floor meets, from above, the newest version not above its revision, which is not removed; or a
 * tombstone, which is removed after all that lies under it. One below the floor asks for the floor after it has read.
 */
public final class CleaningPass {
  /** Removals in one write. */
  static final int BATCH_REMOVALS = 1_000;

  /** After so many steps the notes of what is worked off are removed, and not only at the end. */
  private static final int STEPS_PER_TRIM = 64;

  private final SharedStore store;
  private final RegionStore region;
  private final long mark;
  private final RegionStore.State began;
  /** The last revision of which nothing but the newest need stay. */
  private final long goal;

  private final Work work;
  private Cleaned noted;
  private int steps;
  private boolean over;

  /** One of the two ways. */
  interface Work {
    /**
     * Goes on for about so many records.
     *
     * @return up to which revision the region is clean now; the goal once all is done
     */
    long step(int records) throws RocksDBException;

    /** Versions removed so far. */
    long removed();

    /** Records looked at so far. */
    long looked();
  }

  private CleaningPass(
      SharedStore store, RegionStore region, long mark, RegionStore.State began, Cleaned noted) {
    this.store = store;
    this.region = region;
    this.mark = mark;
    this.began = began;
    this.noted = noted;
    this.goal = began.floor() - 1;
    this.work = noted.needsScan()
        ? new ScanCleaning(store, began.descriptor().range(), goal)
        : new ChangeCleaning(store, began.descriptor(), noted.upTo(), goal);
  }

  /** Whether a pass up to the revision would have anything to do. */
  static boolean isDue(Optional<Cleaned> noted, long goal) {
    return noted.isEmpty()
        || (noted.get().needsScan()
            ? goal >= noted.get().notedFrom()
            : goal > noted.get().upTo());
  }

  static Optional<CleaningPass> of(SharedStore store, RegionStore region) {
    long mark = region.readMark();
    RegionStore.State now = region.state();
    RegionId id = now.descriptor().id();
    Optional<Cleaned> noted = store.cleaned(id);
    if (noted.isEmpty()) {
      // Of a build that kept no record: where its changes are noted is not known, but from now on
      // it is.
      Cleaned unknown = new Cleaned(0, now.position().lastStamp());
      var unused =
          region.noteCleaned(mark, now.descriptor().epoch().version(), null, unknown, batch -> {});
      return Optional.empty();
    }
    return now.floor() > 0 && isDue(noted, now.floor() - 1)
        ? Optional.of(new CleaningPass(store, region, mark, now, noted.get()))
        : Optional.empty();
  }

  /**
   * Goes on.
   *
   * @param records to look at, about
   * @return whether the pass is over, be it done or in vain
   */
  public boolean step(int records) {
    if (over) {
      return true;
    }
    try {
      long upTo = work.step(records);
      boolean done = upTo >= goal;
      steps++;
      boolean trim = done || steps % STEPS_PER_TRIM == 0;
      over = done;
      if ((trim || upTo > noted.upTo()) && upTo > 0 && !note(upTo, trim)) {
        over = true;
      }
      return over;
    } catch (RocksDBException e) {
      throw SharedStore.failed("removing old versions of " + began.descriptor(), e);
    }
  }

  private boolean note(long upTo, boolean trim) {
    Cleaned next = new Cleaned(Math.max(upTo, noted.upTo()), noted.notedFrom());
    RegionId id = began.descriptor().id();
    boolean written =
        region.noteCleaned(mark, began.descriptor().epoch().version(), noted, next, batch -> {
          if (trim) {
            trim(batch, id, next.upTo());
          }
        });
    noted = next;
    return written;
  }

  /** The notes of changes up to the revision go. */
  private void trim(WriteBatch batch, RegionId id, long upTo) {
    byte[] lower = ChangeRecord.key(id, 0, 0);
    byte[] upper = ChangeRecord.key(id, upTo + 1, 0);
    try {
      // Not by whole files: they would go from under a snapshot that is being written, too.
      batch.deleteRange(store.family(SharedStore.CHANGES), lower, upper);
    } catch (RocksDBException e) {
      throw SharedStore.failed("removing notes of changes of region " + id, e);
    }
  }

  /** Versions removed so far. */
  public long removed() {
    return work.removed();
  }

  /** Records looked at so far. */
  public long looked() {
    return work.looked();
  }

  /** Removals that are written in batches. */
  static final class Removals implements AutoCloseable {
    private final SharedStore store;
    private final WriteBatch batch = new WriteBatch();
    private long written;

    Removals(SharedStore store) {
      this.store = store;
    }

    void add(byte[] place) throws RocksDBException {
      batch.delete(store.data(), place);
      if (batch.count() >= BATCH_REMOVALS) {
        write();
      }
    }

    void write() {
      if (batch.count() > 0) {
        store.write(batch);
        written += batch.count();
        batch.clear();
      }
    }

    long written() {
      return written;
    }

    @Override
    public void close() {
      batch.close();
    }
  }
}
