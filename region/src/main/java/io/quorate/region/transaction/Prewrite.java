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
import java.util.Optional;

/**
 * Locks what a transaction writes and has read here, all or none.
 *
 * @param spans to the primary's region: all that the transaction locks
 */
/*
 * The least commit revision of its locks is above everything applied here: the coordinator asks for the commit revision after it
 * was told of the prewrite, and whatever is applied before had its number by then. So reads at or below that need not wait.
 */
public record Prewrite(Holder holder, Writes what, List<KeyRange> spans)
    implements TransactionCommand {
  public Prewrite {
    spans = List.copyOf(spans);
  }

  @Override
  public boolean within(KeyRange range) {
    return what.within(range);
  }

  @Override
  public List<Bytes> routes() {
    return what.writes().stream().map(Writes.Write::key).toList();
  }

  @Override
  public List<KeyRange> reaches() {
    return what.reads();
  }

  @Override
  public long claims() {
    return holder.start();
  }

  @Override
  public Applied apply(RegionView view, Stamp stamp) {
    Outcome done = new Outcome.Done(0, Result.Prewritten.DONE);
    if (isLocked(view)) {
      return new Applied(List.of(), done);
    }
    Optional<Refusal> refusal = check(view, holder, what);
    if (refusal.isPresent()) {
      return Applied.refused(refusal.get());
    }
    long minCommit = Math.max(holder.start(), view.lastStamp()) + 1;
    List<LockChange> changes = new ArrayList<>();
    for (Writes.Write write : what.writes()) {
      WriteLock standing = view.locks().write(write.key());
      if (standing == null) {
        boolean primary = write.key().equals(holder.primary());
        changes.add(new LockChange.Write(
            write.key(),
            new WriteLock(
                write.key(), holder, minCommit, write.intent(), primary ? spans : List.of())));
      }
    }
    for (KeyRange range : what.reads()) {
      if (!range.isEmpty()) {
        changes.add(new LockChange.Read(new ReadLock(range, holder), true));
      }
    }
    return Applied.ofLocks(changes, done);
  }

  /** Whether it was applied before. */
  private boolean isLocked(RegionView view) {
    for (Writes.Write write : what.writes()) {
      WriteLock standing = view.locks().write(write.key());
      if (standing == null || !standing.txn().equals(holder.txn())) {
        return false;
      }
    }
    for (KeyRange range : what.reads()) {
      if (!range.isEmpty() && !view.locks().reads(range).contains(new ReadLock(range, holder))) {
        return false;
      }
    }
    return true;
  }

  /** Why a transaction may not write here what it would, if so. */
  static Optional<Refusal> check(RegionView view, Holder holder, Writes what) {
    Optional<Refusal> decided = decided(view, holder, what);
    if (decided.isPresent()) {
      return decided;
    }
    if (holder.start() < view.floor() || holder.start() <= view.locks().minStart()) {
      return Optional.of(Refusal.belowFloor(holder.start()));
    }
    Optional<Refusal> obstacle = Obstacles.ofPrewrite(view, what, holder.txn(), holder.start());
    if (obstacle.isPresent()) {
      return obstacle;
    }
    for (Writes.Write write : what.writes()) {
      long lease = write.intent().delete() ? 0 : write.intent().lease();
      if (lease != 0 && !view.leases().admits(lease, write.key())) {
        return Optional.of(Refusal.LEASE_NOT_FOUND);
      }
    }
    return Optional.empty();
  }

  /** What was decided of it here before it came. */
  private static Optional<Refusal> decided(RegionView view, Holder holder, Writes what) {
    TxnRecord record = view.locks().record(holder.primary(), holder.txn());
    if (record == null && !what.writes().isEmpty()) {
      record = view.locks().record(what.writes().get(0).key(), holder.txn());
    }
    if (record == null && !what.reads().isEmpty()) {
      record = view.locks().record(what.reads().get(0).start(), holder.txn());
    }
    return record == null
        ? Optional.empty()
        : Optional.of(
            record.isCommitted() ? Refusal.committed(record.committed()) : Refusal.ROLLED_BACK);
  }

  @Override
  public int weight() {
    return 96 + holder.primary().length() + what.weight() + Ranges.weight(spans);
  }

  @Override
  public void write(ByteWriter out) {
    out.putByte(TransactionCodec.PREWRITE);
    LockCodec.write(out, holder);
    what.write(out);
    Ranges.write(out, spans);
  }
}
