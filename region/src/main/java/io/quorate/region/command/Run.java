package io.quorate.region.command;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.region.lease.LeaseChange;
import io.quorate.region.mvcc.KeyVersion;
import io.quorate.region.mvcc.KeyWalk;
import io.quorate.region.mvcc.MvccReader;
import io.quorate.region.mvcc.PendingVersions;
import io.quorate.region.mvcc.RangeQuery;
import io.quorate.region.mvcc.RangeResult;
import io.quorate.region.mvcc.Version;
import io.quorate.region.mvcc.VersionSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One command while it runs: what it has written so far, under which sub-revisions. One thread, one use. */
public final class Run {
  /** Keys that one command may delete; part of rule version 1. */
  public static final int MAX_DELETED = 1_000_000;

  /** Bytes that all answers of one command may hold; part of rule version 1. */
  public static final long MAX_ANSWER_BYTES = 64L << 20;

  private final RegionView before;
  private final Stamp stamp;
  private final @Nullable PendingVersions pending;
  private final VersionSource state;
  private final List<Mutation> mutations;
  private final List<LeaseChange> leases = new ArrayList<>(0);
  private long answerBytes;
  private long newestMet;
  private @Nullable Refusal refusal;

  private Run(RegionView before, Stamp stamp, boolean many) {
    this.before = before;
    this.stamp = stamp;
    this.pending = many ? new PendingVersions(before) : null;
    this.state = pending == null ? before : pending;
    this.mutations = new ArrayList<>(many ? 8 : 1);
  }

  /** Of a command that never reads what it wrote. */
  static Run ofOne(RegionView before, Stamp stamp) {
    return new Run(before, stamp, false);
  }

  /** Of a command whose operations see each other. */
  static Run ofMany(RegionView before, Stamp stamp) {
    return new Run(before, stamp, true);
  }

  RegionView before() {
    return before;
  }

  Version newest(Bytes key) {
    return state.newest(key);
  }

  /** Of whose value nobody will ask. */
  Version head(Bytes key) {
    return state.head(key);
  }

  /** Writes a value over the key's newest version. */
  void put(Bytes key, Version newest, Bytes value, long lease) {
    write(key, newest, Version.over(newest, stamp.revision(), mutations.size(), lease, value));
  }

  void delete(Bytes key, Version newest) {
    write(key, newest, Version.tombstone(stamp.revision(), mutations.size()));
  }

  private void write(Bytes key, Version newest, Version version) {
    if (newest.modRevision() > stamp.revision()
        || (newest.modRevision() == stamp.revision() && pending == null)) {
      newestMet = Math.max(newestMet, newest.modRevision());
    }
    mutations.add(new Mutation(key, version));
    LeaseChange.addMoves(key, newest, version, leases);
    if (pending != null) {
      pending.add(key, version);
    }
  }

  /** The live keys of a range, to delete them. */
  List<KeyVersion> collect(KeyRange range, boolean values) {
    List<KeyVersion> found = new ArrayList<>();
    if (range.isSingle()) {
      Version newest = values ? state.newest(range.start()) : state.head(range.start());
      if (newest.isLive()) {
        found.add(new KeyVersion(range.start(), newest));
      }
    } else if (!range.isEmpty()) {
      try (KeyWalk walk = state.walk(range, VersionSource.NEWEST, values)) {
        while (refusal == null && walk.next()) {
          if (walk.isLive()) {
            found.add(new KeyVersion(walk.key(), walk.version()));
            if (values) {
              count(found.get(found.size() - 1).weight());
            }
            if (mutations.size() + found.size() > MAX_DELETED) {
              refusal = Refusal.invalid(
                  "quorate: one request may delete at most " + MAX_DELETED + " keys");
            }
          }
        }
      }
    }
    return found;
  }

  RangeResult read(RangeQuery query) {
    long revision = query.revision() == 0 ? VersionSource.NEWEST : query.revision();
    Optional<RangeResult> result = MvccReader.range(
        state,
        query.withPageBytes(0),
        revision,
        new MvccReader.Bounds(MAX_ANSWER_BYTES - answerBytes, false));
    if (result.isEmpty()) {
      count(MAX_ANSWER_BYTES + 1);
      return RangeResult.EMPTY;
    }
    for (KeyVersion kv : result.get().items()) {
      count(kv.weight());
    }
    return result.get();
  }

  private void count(long bytes) {
    answerBytes += bytes;
    if (answerBytes > MAX_ANSWER_BYTES) {
      refusal = Refusal.invalid(
          "quorate: the answer would exceed " + MAX_ANSWER_BYTES + " bytes; ask for less");
    }
  }

  /** What all of it came to. */
  Applied finish(Result result) {
    if (newestMet > 0) {
      return new Applied(List.of(), new Outcome.Restamp(newestMet));
    }
    if (refusal != null) {
      return Applied.refused(refusal);
    }
    return new Applied(mutations, leases, new Outcome.Done(stamp.revision(), result));
  }
}
