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

/** Carries out here what was decided at the primaries; what is not locked is passed over. Primaries themselves stay. */
public record ResolveLocks(List<Resolution> resolutions) implements TransactionCommand {
  /** Transactions in one command, at most. */
  public static final int MAX_TXNS = 256;

  /** Ranges in one command, at most. */
  public static final int MAX_RANGES = 1024;

  /** What was decided. */
  public enum Fate {
    COMMITTED,
    ROLLED_BACK,
    PUSHED
  }

  /**
   * Of one transaction.
   *
   * @param revision of its commit, or the least that it may have; 0 of one rolled back
   * @param ranges where its locks may be
   */
  public record Resolution(TxnId txn, Fate fate, long revision, List<KeyRange> ranges) {
    public Resolution {
      ranges = List.copyOf(ranges);
    }
  }

  public ResolveLocks {
    resolutions = List.copyOf(resolutions);
  }

  @Override
  public boolean within(KeyRange range) {
    return resolutions.stream().allMatch(one -> Ranges.within(one.ranges(), range));
  }

  @Override
  public List<Bytes> routes() {
    return List.of();
  }

  @Override
  public List<KeyRange> reaches() {
    List<KeyRange> all = new ArrayList<>();
    resolutions.forEach(one -> all.addAll(one.ranges()));
    return all;
  }

  @Override
  public long claims() {
    return resolutions.stream().mapToLong(Resolution::revision).max().orElse(0);
  }

  @Override
  public Applied apply(RegionView view, Stamp stamp) {
    Release release = new Release(view);
    long newest = 0;
    for (Resolution one : resolutions) {
      switch (one.fate()) {
        case COMMITTED -> {
          int before = release.mutations().size();
          release.commit(one.txn(), one.revision(), one.ranges(), null);
          if (release.mutations().size() > before) {
            newest = Math.max(newest, one.revision());
          }
        }
        case ROLLED_BACK -> release.rollBack(one.txn(), one.ranges(), null);
        case PUSHED -> release.push(one.txn(), one.revision(), one.ranges());
      }
    }
    return new Applied(
        release.mutations(),
        release.leases(),
        release.changes(),
        new Outcome.Done(newest, new Result.Released(release.count())));
  }

  @Override
  public int weight() {
    int weight = 16;
    for (Resolution one : resolutions) {
      weight += 32 + Ranges.weight(one.ranges());
    }
    return weight;
  }

  @Override
  public void write(ByteWriter out) {
    out.putByte(TransactionCodec.RESOLVE).putVarint(resolutions.size());
    for (Resolution one : resolutions) {
      one.txn().write(out);
      out.putByte(TransactionCodec.FATES.indexOf(one.fate())).putVarint(one.revision());
      Ranges.write(out, one.ranges());
    }
  }
}
