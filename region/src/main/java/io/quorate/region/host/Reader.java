package io.quorate.region.host;

import io.quorate.model.Bytes;
import io.quorate.proto.RefusalCode;
import io.quorate.proto.Response;
import io.quorate.region.command.Outcome;
import io.quorate.region.command.Refusal;
import io.quorate.region.command.Result;
import io.quorate.region.mvcc.KeyVersion;
import io.quorate.region.mvcc.MvccReader;
import io.quorate.region.mvcc.RangeQuery;
import io.quorate.region.mvcc.Version;
import io.quorate.region.storage.RegionStore;
import io.quorate.region.wire.Responses;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.LongAdder;

/**
 * Reads what the read path has found safe to read: points at once on the mailbox, ranges on the store's reader threads.
 * Owned by the region's host.
 */
final class Reader {
  private final RegionHost host;
  private final RegionHostConfig config;
  private final Oracle oracle;
  private final RegionStore store;
  private final Executor readerThreads;
  private final LongAdder readKeys = new LongAdder();
  private final LongAdder readBytes = new LongAdder();

  Reader(
      RegionHost host,
      RegionHostConfig config,
      Oracle oracle,
      RegionStore store,
      Executor readerThreads) {
    this.host = host;
    this.config = config;
    this.oracle = oracle;
    this.store = store;
    this.readerThreads = readerThreads;
  }

  long readKeys() {
    return readKeys.sum();
  }

  long readBytes() {
    return readBytes.sum();
  }

  /** Answers a get with the newest applied version. */
  void get(Call call) {
    Bytes key = call.footprint().keys().get(0);
    long mark = store.readMark();
    // Before the version: what is released meanwhile has been written.
    Optional<Refusal> locked = store.obstacle(key, call.pastTxns());
    Version version = store.newest(key);
    if (!wasWhole(call, mark, Long.MAX_VALUE, false)) {
      return;
    }
    if (locked.isPresent()) {
      answer(call, new Outcome.Refused(locked.get()), 0);
      return;
    }
    readKeys.increment();
    readBytes.add(version.value().length());
    call.answer(Responses.ofGet(key, version));
  }

  /** Answers a serializable read: what is applied here is the region's whole state as of the last applied stamp. */
  void local(Call call) {
    long known = Math.max(1, Math.max(store.lastStamp(), host.resolver().resolved()));
    // Below what a transaction may still be committed at; where a revision is named, locks are
    // asked
    // about.
    long revision =
        call.query().revision() > 0 ? known : Math.min(known, store.locks().lowestCommit() - 1);
    // Looked at after the stamp: were the keys another region's by then, the stamp might be too
    // new.
    if (host.ownsKeys(call)) {
      read(call, revision);
    } else {
      call.fail(host.errors().epochMismatch());
    }
  }

  /** Answers a range, or a command that is expected to write nothing, as of the revision. */
  void snapshot(Call call, long revision) {
    if (call.isRange()) {
      read(call, revision);
    } else if (call.footprint().isPoints()) {
      look(call, revision);
    } else {
      onReaderThread(call, () -> look(call, revision));
    }
  }

  private void read(Call call, long revision) {
    if (call.footprint().isPoints()) {
      range(call, revision);
    } else {
      onReaderThread(call, () -> range(call, revision));
    }
  }

  private void onReaderThread(Call call, Runnable read) {
    try {
      readerThreads.execute(() -> {
        try {
          read.run();
        } catch (RuntimeException e) {
          // The top of a reader thread: what cannot be read is not guessed, the replica stops.
          host.fail("a read failed: " + e, e);
          call.fail(host.errors().unavailable("the replica has stopped: " + e.getMessage()));
        }
      });
    } catch (RejectedExecutionException e) {
      call.fail(host.errors().busy("the store's reader threads are busy"));
    }
  }

  /**
   * Whether what was read is the region's, and all of it. Between the last look at the call's keys and the reading the replica may have been
   * destroyed, replaced by a snapshot, or cut: what is gone would read as absent. If so, the call is told to ask again. Or the
   * floor has passed the revision, and some of what was to be seen is removed: nothing is, before the floor shows.
   *
   * @param revision as of which it was read
   * @param named whether the asker named it
   */
  private boolean wasWhole(Call call, long mark, long revision, boolean named) {
    if (!host.ownsKeys(call)) {
      call.fail(host.errors().epochMismatch());
    } else if (!store.isWholeSince(mark)) {
      call.fail(host.errors().unavailable("the replica's data went or came while it was read"));
    } else if (store.floor() > revision && named) {
      call.refuse(Refusal.compacted(Math.max(store.floor(), oracle.newestKnown().compacted())));
    } else if (store.floor() > revision) {
      call.fail(host.errors().unavailable("history went up to a later revision meanwhile"));
    }
    return !call.answered();
  }

  private void range(Call call, long revision) {
    RangeQuery query = call.query();
    long mark = store.readMark();
    Outcome outcome = store.read(
        query,
        revision,
        call.mayReadBelowCompacted() ? 0 : oracle.newestKnown().compacted(),
        new MvccReader.Bounds(config.maxPageBytes(), !query.isSorted()),
        call.pastTxns());
    boolean named = query.revision() > 0;
    if (wasWhole(call, mark, named ? query.revision() : revision, named)) {
      answer(call, outcome, named ? query.revision() : revision);
    }
  }

  private void look(Call call, long revision) {
    long mark = store.readMark();
    // What it reads may name any revision from here on.
    long floor = store.floor();
    Optional<Outcome> outcome =
        store.foresee(call.command(), revision, oracle.newestKnown().compacted());
    if (outcome.isEmpty()) {
      host.post(() -> host.writes().add(call));
    } else if (wasWhole(call, mark, floor, false)) {
      answer(call, outcome.get(), revision);
    }
  }

  /**
   * Answers.
   *
   * @param shown which snapshot was to be read; 0 where none was
   */
  void answer(Call call, Outcome outcome, long shown) {
    if (outcome instanceof Outcome.Done done && done.result() instanceof Result.Found found) {
      count(found);
    }
    if (outcome instanceof Outcome.Forgotten forgotten) {
      call.forgotten(
          host.errors().busy("the write's name is older than what the region remembers"),
          forgotten.newest());
    } else if (outcome instanceof Outcome.Refused refused
        && refused.refusal().code() == RefusalCode.LEASE_NOT_FOUND) {
      call.refuse(refused.refusal());
    } else {
      Response.Builder response = Responses.of(outcome);
      if (response.hasRefusal() && response.getRefusal().getLocksCount() > 0) {
        response.setRevision(shown);
        host.txns().date(response.getRefusalBuilder());
      }
      call.answer(response);
    }
  }

  private void count(Result.Found found) {
    long bytes = 0;
    for (KeyVersion item : found.range().items()) {
      bytes += item.weight();
    }
    readKeys.add(found.range().items().size());
    readBytes.add(bytes);
  }
}
