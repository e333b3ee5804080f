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
import io.quorate.region.mvcc.Version;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** A transaction that read at a revision of its own and lies in this region as a whole: checked and written in one entry. */
public record WriteAtOnce(TxnId txn, long start, Writes what) implements TransactionCommand {
  @Override
  public boolean isStamped() {
    return true;
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
  public void addWritten(Consumer<KeyRange> to) {
    what.addWritten(to);
  }

  @Override
  public long claims() {
    return start;
  }

  @Override
  public Applied apply(RegionView view, Stamp stamp) {
    Optional<Refusal> refusal = Prewrite.check(view, new Holder(txn, start, Bytes.EMPTY, 0), what);
    if (refusal.isPresent()) {
      return Applied.refused(refusal.get());
    }
    Release writes = new Release(view);
    for (Writes.Write write : what.writes()) {
      Version newest = view.head(write.key());
      if (newest.modRevision() >= stamp.revision()) {
        return new Applied(List.of(), new Outcome.Restamp(newest.modRevision()));
      }
      writes.write(write.key(), write.intent(), newest, stamp.revision());
    }
    return new Applied(
        writes.mutations(),
        writes.leases(),
        List.of(),
        new Outcome.Done(stamp.revision(), Result.Prewritten.DONE));
  }

  @Override
  public int weight() {
    return 64 + what.weight();
  }

  @Override
  public void write(ByteWriter out) {
    out.putByte(TransactionCodec.WRITE_AT_ONCE);
    txn.write(out);
    out.putVarint(start);
    what.write(out);
  }
}
