package io.quorate.region.transaction;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.region.command.Applied;
import io.quorate.region.command.Outcome;
import io.quorate.region.command.Refusal;
import io.quorate.region.command.RegionView;
import io.quorate.region.command.Result;
import io.quorate.region.command.Stamp;
import io.quorate.region.command.TransactionCommand;
import io.quorate.region.mvcc.ByteWriter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is said at a transaction's primary of its fate. The first decision stands. */
public sealed interface Decide extends TransactionCommand {
  TxnId txn();

  /** The primary. */
  Bytes key();

  @Override
  default boolean within(KeyRange range) {
    return range.contains(key()) && Ranges.within(reaches(), range);
  }

  @Override
  default List<Bytes> routes() {
    return List.of(key());
  }

  @Override
  default int weight() {
    return 64 + key().length() + Ranges.weight(reaches());
  }

  /** Its lock on the key; null if it holds none. */
  private static @Nullable WriteLock lockOf(RegionView view, Decide what) {
    WriteLock lock = view.locks().write(what.key());
    return lock != null && lock.txn().equals(what.txn()) ? lock : null;
  }

  private static List<KeyRange> with(Bytes key, List<KeyRange> ranges) {
    List<KeyRange> all = new ArrayList<>(ranges.size() + 1);
    all.add(KeyRange.single(key));
    all.addAll(ranges);
    return all;
  }

  /** Rolls back and leaves the mark that keeps what comes late away. */
  private static Applied rollBack(
      RegionView view, Decide what, long start, List<KeyRange> ranges, Outcome done) {
    WriteLock lock = lockOf(view, what);
    Release release = new Release(view);
    release.rollBack(what.txn(), with(what.key(), ranges), what.key());
    List<KeyRange> spans = lock == null ? List.of() : lock.spans();
    TxnRecord mark = new TxnRecord(what.key(), what.txn(), start, 0, spans);
    Marks.add(view.locks(), mark).forEach(release::add);
    return Applied.ofLocks(release.changes(), done);
  }

  /**
   * The coordinator commits.
   *
   * @param ranges more of its locks here
   */
  record Commit(TxnId txn, Bytes key, long revision, List<KeyRange> ranges) implements Decide {
    public Commit {
      ranges = List.copyOf(ranges);
    }

    @Override
    public List<KeyRange> reaches() {
      return ranges;
    }

    @Override
    public long claims() {
      return revision;
    }

    @Override
    public Applied apply(RegionView view, Stamp stamp) {
      TxnRecord record = view.locks().record(key, txn);
      if (record != null) {
        return record.isCommitted()
            ? new Applied(List.of(), new Outcome.Done(0, new Result.Committed(record.committed())))
            : Applied.refused(Refusal.ROLLED_BACK);
      }
      WriteLock lock = lockOf(view, this);
      if (lock == null) {
        return Applied.refused(Refusal.TXN_UNKNOWN);
      }
      if (revision < lock.minCommit()) {
        return Applied.refused(Refusal.commitTooLow(lock.minCommit()));
      }
      Release release = new Release(view);
      release.commit(txn, revision, with(key, ranges), key);
      TxnRecord made = new TxnRecord(key, txn, lock.holder().start(), revision, lock.spans());
      release.add(new LockChange.Decision(key, txn, made));
      return new Applied(
          release.mutations(),
          release.leases(),
          release.changes(),
          new Outcome.Done(revision, new Result.Committed(revision)));
    }

    @Override
    public void write(ByteWriter out) {
      out.putByte(TransactionCodec.COMMIT);
      txn.write(out);
      out.putBytes(key).putVarint(revision);
      Ranges.write(out, ranges);
    }
  }

  /**
   * The coordinator gives up; of another key than the primary it decides nothing, and keeps late prewrites away.
   *
   * @param ranges more of its locks here
   */
  record RollBack(TxnId txn, long start, Bytes key, List<KeyRange> ranges) implements Decide {
    public RollBack {
      ranges = List.copyOf(ranges);
    }

    @Override
    public List<KeyRange> reaches() {
      return ranges;
    }

    @Override
    public long claims() {
      return start;
    }

    @Override
    public Applied apply(RegionView view, Stamp stamp) {
      TxnRecord record = view.locks().record(key, txn);
      return record != null && record.isCommitted()
          ? Applied.refused(Refusal.committed(record.committed()))
          : rollBack(view, this, start, ranges, new Outcome.Done(0, Result.RolledBack.DONE));
    }

    @Override
    public void write(ByteWriter out) {
      out.putByte(TransactionCodec.ROLL_BACK);
      txn.write(out);
      out.putVarint(start).putBytes(key);
      Ranges.write(out, ranges);
    }
  }

  /** It is abandoned, in the eyes of the leader: rolled back, if it is not decided yet. */
  record Abandon(TxnId txn, long start, Bytes key) implements Decide {
    @Override
    public List<KeyRange> reaches() {
      return List.of();
    }

    @Override
    public long claims() {
      return start;
    }

    @Override
    public Applied apply(RegionView view, Stamp stamp) {
      TxnRecord record = view.locks().record(key, txn);
      if (record != null) {
        return new Applied(List.of(), new Outcome.Done(0, Result.TxnState.of(record)));
      }
      WriteLock lock = lockOf(view, this);
      Result state = new Result.TxnState(
          Result.TxnState.Kind.ROLLED_BACK, 0, lock == null ? List.of() : lock.spans());
      return rollBack(view, this, start, List.of(), new Outcome.Done(0, state));
    }

    @Override
    public void write(ByteWriter out) {
      out.putByte(TransactionCodec.ABANDON);
      txn.write(out);
      out.putVarint(start).putBytes(key);
    }
  }

  /** Somebody reads at a revision: if it is not decided yet, it shall be committed above that. */
  record Push(TxnId txn, Bytes key, long above) implements Decide {
    @Override
    public List<KeyRange> reaches() {
      return List.of();
    }

    @Override
    public long claims() {
      return above;
    }

    @Override
    public Applied apply(RegionView view, Stamp stamp) {
      TxnRecord record = view.locks().record(key, txn);
      if (record != null) {
        return new Applied(List.of(), new Outcome.Done(0, Result.TxnState.of(record)));
      }
      WriteLock lock = lockOf(view, this);
      if (lock == null) {
        return new Applied(List.of(), new Outcome.Done(0, Result.TxnState.ABSENT));
      }
      WriteLock pushed = lock.pushed(above + 1);
      Outcome done = new Outcome.Done(
          0, new Result.TxnState(Result.TxnState.Kind.LIVE, pushed.minCommit(), lock.spans()));
      return pushed.equals(lock)
          ? new Applied(List.of(), done)
          : Applied.ofLocks(List.of(new LockChange.Write(key, pushed)), done);
    }

    @Override
    public void write(ByteWriter out) {
      out.putByte(TransactionCodec.PUSH);
      txn.write(out);
      out.putBytes(key).putVarint(above);
    }
  }
}
