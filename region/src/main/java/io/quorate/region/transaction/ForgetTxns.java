package io.quorate.region.transaction;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.region.command.Applied;
import io.quorate.region.command.Outcome;
import io.quorate.region.command.RegionView;
import io.quorate.region.command.Result;
import io.quorate.region.command.Stamp;
import io.quorate.region.command.TransactionCommand;
import io.quorate.region.mvcc.ByteWriter;
import java.util.ArrayList;
import java.util.List;

/** Drops records of committed transactions that hold no lock anywhere any more. Marks of others stay. */
public record ForgetTxns(List<Decided> txns) implements TransactionCommand {
  /** Transactions in one command, at most. */
  public static final int MAX = 256;

  /** One of them. */
  public record Decided(TxnId txn, Bytes primary) {}

  public ForgetTxns {
    txns = List.copyOf(txns);
  }

  @Override
  public boolean within(KeyRange range) {
    return txns.stream().allMatch(one -> range.contains(one.primary()));
  }

  @Override
  public List<Bytes> routes() {
    return txns.stream().map(Decided::primary).toList();
  }

  @Override
  public List<KeyRange> reaches() {
    return List.of();
  }

  @Override
  public long claims() {
    return 0;
  }

  @Override
  public Applied apply(RegionView view, Stamp stamp) {
    List<LockChange> changes = new ArrayList<>(txns.size());
    for (Decided one : txns) {
      TxnRecord record = view.locks().record(one.primary(), one.txn());
      if (record != null && record.isCommitted()) {
        changes.add(new LockChange.Decision(one.primary(), one.txn(), null));
      }
    }
    return Applied.ofLocks(changes, new Outcome.Done(0, Result.Forgotten.DONE));
  }

  @Override
  public int weight() {
    return 16 + txns.stream().mapToInt(one -> 24 + one.primary().length()).sum();
  }

  @Override
  public void write(ByteWriter out) {
    out.putByte(TransactionCodec.FORGET).putVarint(txns.size());
    for (Decided one : txns) {
      one.txn().write(out);
      out.putBytes(one.primary());
    }
  }
}
