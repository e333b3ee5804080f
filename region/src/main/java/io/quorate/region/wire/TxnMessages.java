package io.quorate.region.wire;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Wire;
import io.quorate.proto.CheckTxnRequest;
import io.quorate.proto.CommitRequest;
import io.quorate.proto.CommitResponse;
import io.quorate.proto.ForgetTxnResponse;
import io.quorate.proto.LockInfo;
import io.quorate.proto.LockKind;
import io.quorate.proto.PrewriteRequest;
import io.quorate.proto.PrewriteResponse;
import io.quorate.proto.Refusal;
import io.quorate.proto.Request;
import io.quorate.proto.ResolveLocksResponse;
import io.quorate.proto.Response;
import io.quorate.proto.RollbackRequest;
import io.quorate.proto.RollbackResponse;
import io.quorate.proto.TxnMutation;
import io.quorate.proto.TxnRecordInfo;
import io.quorate.proto.TxnStateResponse;
import io.quorate.proto.WriteConflict;
import io.quorate.region.command.Result;
import io.quorate.region.order.Footprint;
import io.quorate.region.transaction.Decide;
import io.quorate.region.transaction.ForgetTxns;
import io.quorate.region.transaction.Holder;
import io.quorate.region.transaction.Lock;
import io.quorate.region.transaction.Obstacle;
import io.quorate.region.transaction.Prewrite;
import io.quorate.region.transaction.ResolveLocks;
import io.quorate.region.transaction.TxnId;
import io.quorate.region.transaction.TxnLimits;
import io.quorate.region.transaction.TxnRecord;
import io.quorate.region.transaction.WriteAtOnce;
import io.quorate.region.transaction.WriteLock;
import io.quorate.region.transaction.Writes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Between messages of transactions over several regions and commands, outcomes and locks. Stateless. */
public final class TxnMessages {
  private TxnMessages() {}

  /** Whether the request asks what has become of transactions and may be answered without the log. */
  public static boolean isQuery(Request request) {
    return switch (request.getBodyCase()) {
      case CHECK_TXN, TXN_HEARTBEAT, SCAN_LOCKS -> true;
      default -> false;
    };
  }

  static Parsed parse(Request request) {
    try {
      return switch (request.getBodyCase()) {
        case PREWRITE -> prewrite(request.getPrewrite());
        case COMMIT -> commit(request.getCommit());
        case ROLLBACK -> rollback(request.getRollback());
        case CHECK_TXN -> check(request.getCheckTxn());
        case TXN_HEARTBEAT ->
          new Parsed.Txns(Footprint.of(key(Bytes.of(request.getTxnHeartbeat().getPrimary()))), 0);
        case SCAN_LOCKS ->
          new Parsed.Txns(Footprint.of(Wire.range(request.getScanLocks().getRange())), 0);
        case RESOLVE_LOCKS -> resolve(request.getResolveLocks().getResolutionsList());
        case FORGET_TXN -> forget(request);
        default -> throw new IllegalArgumentException("quorate: not about transactions");
      };
    } catch (IllegalArgumentException malformed) {
      return new Parsed.Refused(
          io.quorate.region.command.Refusal.invalid(String.valueOf(malformed.getMessage())));
    }
  }

  private static Parsed prewrite(PrewriteRequest request) {
    TxnId txn = id(request.getTxnId());
    Writes what = new Writes(
        writes(request.getMutationsList()),
        request.getReadsList().stream().map(Wire::range).toList());
    if (what.writes().isEmpty() && what.reads().isEmpty()) {
      throw malformed("a prewrite of nothing");
    }
    long start = positive(request.getStartRevision());
    if (request.getAtOnce()) {
      return new Parsed.Write(new WriteAtOnce(txn, start, what));
    }
    int ttl = request.getTtlMs();
    if (ttl < 1 || ttl > TxnLimits.MAX_TTL_MILLIS) {
      throw malformed("a transaction lives for 1 to " + TxnLimits.MAX_TTL_MILLIS + " ms");
    }
    if (request.getSpansCount() > TxnLimits.MAX_SPANS) {
      throw malformed("a transaction has " + TxnLimits.MAX_SPANS + " spans at most");
    }
    Holder holder = new Holder(txn, start, key(Bytes.of(request.getPrimary())), ttl);
    return new Parsed.Write(new Prewrite(
        holder, what, request.getSpansList().stream().map(Wire::range).toList()));
  }

  private static List<Writes.Write> writes(List<TxnMutation> mutations) {
    List<Writes.Write> writes = new ArrayList<>(mutations.size());
    Set<Bytes> keys = new HashSet<>();
    for (TxnMutation mutation : mutations) {
      Bytes key = key(Bytes.of(mutation.getKey()));
      if (!keys.add(key) || mutation.getSub() < 0) {
        throw malformed("key " + key + " twice, or without a place, in one prewrite");
      }
      boolean put = mutation.hasPut();
      if (!put && !mutation.hasDelete()) {
        throw malformed("a mutation that neither puts nor deletes");
      }
      writes.add(new Writes.Write(
          key,
          new WriteLock.Intent(
              mutation.getSub(),
              !put,
              put ? mutation.getPut().getLease() : 0,
              put ? Bytes.of(mutation.getPut().getValue()) : Bytes.EMPTY)));
    }
    return writes;
  }

  private static Parsed commit(CommitRequest request) {
    return new Parsed.Write(new Decide.Commit(
        id(request.getTxnId()),
        key(Bytes.of(request.getPrimary())),
        positive(request.getCommitRevision()),
        request.getRangesList().stream().map(Wire::range).toList()));
  }

  private static Parsed rollback(RollbackRequest request) {
    return new Parsed.Write(new Decide.RollBack(
        id(request.getTxnId()),
        positive(request.getStartRevision()),
        key(Bytes.of(request.getKey())),
        request.getRangesList().stream().map(Wire::range).toList()));
  }

  private static Parsed check(CheckTxnRequest request) {
    TxnId unused = id(request.getTxnId());
    return new Parsed.Txns(
        Footprint.of(key(Bytes.of(request.getPrimary()))),
        Math.max(positive(request.getStartRevision()), request.getPushAbove()));
  }

  private static Parsed resolve(List<io.quorate.proto.Resolution> resolutions) {
    List<ResolveLocks.Resolution> all = new ArrayList<>(resolutions.size());
    int ranges = 0;
    for (io.quorate.proto.Resolution one : resolutions) {
      List<KeyRange> where = one.getRangesList().stream().map(Wire::range).toList();
      ranges += where.size();
      TxnId txn = id(one.getTxnId());
      all.add(
          switch (one.getOutcomeCase()) {
            case COMMITTED ->
              new ResolveLocks.Resolution(
                  txn, ResolveLocks.Fate.COMMITTED, positive(one.getCommitted()), where);
            case ROLLED_BACK ->
              new ResolveLocks.Resolution(txn, ResolveLocks.Fate.ROLLED_BACK, 0, where);
            case PUSHED ->
              new ResolveLocks.Resolution(
                  txn, ResolveLocks.Fate.PUSHED, positive(one.getPushed()), where);
            case OUTCOME_NOT_SET -> throw malformed("a resolution without an outcome");
          });
    }
    if (all.isEmpty() || all.size() > ResolveLocks.MAX_TXNS || ranges > ResolveLocks.MAX_RANGES) {
      throw malformed("locks are resolved for 1 to " + ResolveLocks.MAX_TXNS
          + " transactions and up to " + ResolveLocks.MAX_RANGES + " ranges at once");
    }
    return new Parsed.Write(new ResolveLocks(all));
  }

  private static Parsed forget(Request request) {
    List<ForgetTxns.Decided> all = request.getForgetTxn().getTxnsList().stream()
        .map(one -> new ForgetTxns.Decided(id(one.getTxnId()), key(Bytes.of(one.getPrimary()))))
        .toList();
    if (all.isEmpty() || all.size() > ForgetTxns.MAX) {
      throw malformed("1 to " + ForgetTxns.MAX + " transactions are forgotten at once");
    }
    return new Parsed.Write(new ForgetTxns(all));
  }

  /** An id as the wire has it. */
  public static TxnId id(com.google.protobuf.ByteString bytes) {
    return TxnId.of(Bytes.of(bytes));
  }

  private static Bytes key(Bytes key) {
    if (key.isEmpty()) {
      throw malformed("a key is missing");
    }
    return key;
  }

  private static long positive(long revision) {
    if (revision <= 0) {
      throw malformed("a revision is missing");
    }
    return revision;
  }

  private static IllegalArgumentException malformed(String why) {
    return new IllegalArgumentException("quorate: " + why);
  }

  /** The answer to a command, or empty-handed if the result is none of these. */
  static boolean put(Response.Builder response, Result result) {
    if (result instanceof Result.Prewritten) {
      response.setPrewrite(PrewriteResponse.getDefaultInstance());
    } else if (result instanceof Result.Committed committed) {
      response.setCommit(CommitResponse.newBuilder().setCommitRevision(committed.revision()));
    } else if (result instanceof Result.RolledBack) {
      response.setRollback(RollbackResponse.getDefaultInstance());
    } else if (result instanceof Result.Released released) {
      response.setResolveLocks(ResolveLocksResponse.newBuilder().setReleased(released.locks()));
    } else if (result instanceof Result.Forgotten) {
      response.setForgetTxn(ForgetTxnResponse.getDefaultInstance());
    } else if (result instanceof Result.TxnState state) {
      response.setTxnState(state(state, 0));
    } else {
      return false;
    }
    return true;
  }

  /**
   * What has become of a transaction.
   *
   * @param ttlLeft milliseconds, of a live one
   */
  public static TxnStateResponse state(Result.TxnState state, long ttlLeft) {
    TxnStateResponse.Builder message = TxnStateResponse.newBuilder();
    switch (state.kind()) {
      case COMMITTED -> message.setCommitted(state.revision());
      case ROLLED_BACK -> message.setRolledBack(TxnStateResponse.RolledBack.getDefaultInstance());
      case LIVE ->
        message.setLive(TxnStateResponse.Live.newBuilder()
            .setTtlLeftMs((int) ttlLeft)
            .setMinCommit(state.revision()));
      case ABSENT -> message.setAbsent(TxnStateResponse.Absent.getDefaultInstance());
    }
    state.spans().forEach(span -> message.addSpans(Wire.range(span)));
    return message.build();
  }

  /** A lock, without its age. */
  public static LockInfo.Builder lock(Lock lock) {
    return LockInfo.newBuilder()
        .setRange(Wire.range(lock.range()))
        .setKind(lock instanceof WriteLock ? LockKind.WRITE_LOCK : LockKind.READ_LOCK)
        .setTxnId(lock.txn().toBytes().toByteString())
        .setPrimary(lock.holder().primary().toByteString())
        .setStartRevision(lock.holder().start())
        .setMinCommit(lock.minCommit())
        .setTtlMs(lock.holder().ttlMillis());
  }

  /** A record, for people. */
  public static TxnRecordInfo record(TxnRecord record) {
    TxnRecordInfo.Builder message = TxnRecordInfo.newBuilder()
        .setTxnId(record.txn().toBytes().toByteString())
        .setPrimary(record.key().toByteString())
        .setStartRevision(record.start())
        .setCommitted(record.committed());
    record.spans().forEach(span -> message.addSpans(Wire.range(span)));
    return message.build();
  }

  /** Adds to a refusal what it met. */
  static void add(Refusal.Builder refusal, Obstacle obstacle) {
    if (obstacle instanceof Obstacle.Locks locks) {
      locks.locks().forEach(lock -> refusal.addLocks(lock(lock)));
    } else if (obstacle instanceof Obstacle.Conflict conflict) {
      refusal.setConflict(WriteConflict.newBuilder()
          .setKey(conflict.key().toByteString())
          .setRevision(conflict.revision()));
    } else if (obstacle instanceof Obstacle.TooLow low) {
      refusal.setMinCommit(low.minCommit());
    } else if (obstacle instanceof Obstacle.Committed committed) {
      refusal.setCommitted(committed.revision());
    }
  }
}
