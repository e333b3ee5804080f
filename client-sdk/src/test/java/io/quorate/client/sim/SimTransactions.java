package io.quorate.client.sim;

import com.google.protobuf.ByteString;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Wire;
import io.quorate.proto.CommitRequest;
import io.quorate.proto.CommitResponse;
import io.quorate.proto.DeleteRangeRequest;
import io.quorate.proto.ForgetTxnResponse;
import io.quorate.proto.LockInfo;
import io.quorate.proto.LockKind;
import io.quorate.proto.PrewriteRequest;
import io.quorate.proto.PrewriteResponse;
import io.quorate.proto.PutRequest;
import io.quorate.proto.Refusal;
import io.quorate.proto.RefusalCode;
import io.quorate.proto.Request;
import io.quorate.proto.Resolution;
import io.quorate.proto.ResolveLocksResponse;
import io.quorate.proto.Response;
import io.quorate.proto.RollbackResponse;
import io.quorate.proto.ScanLocksResponse;
import io.quorate.proto.TxnMutation;
import io.quorate.proto.TxnStateResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Locks and decisions of all regions, in the most obvious way. Guarded by the keyspace. */
final class SimTransactions {
  private record Lock(PrewriteRequest of, Optional<TxnMutation> write, KeyRange range) {}

  private final SimKeyspace keyspace;
  private final List<Lock> locks = new ArrayList<>();
  /** 0: rolled back. */
  private final Map<ByteString, Long> decided = new HashMap<>();

  private final Map<ByteString, Long> minCommits = new HashMap<>();

  SimTransactions(SimKeyspace keyspace) {
    this.keyspace = keyspace;
  }

  static boolean knows(Request request) {
    return switch (request.getBodyCase()) {
      case PREWRITE,
          COMMIT,
          ROLLBACK,
          CHECK_TXN,
          TXN_HEARTBEAT,
          RESOLVE_LOCKS,
          FORGET_TXN,
          SCAN_LOCKS -> true;
      default -> false;
    };
  }

  static KeyRange span(Request request) {
    return switch (request.getBodyCase()) {
      case PREWRITE -> {
        PrewriteRequest prewrite = request.getPrewrite();
        yield prewrite.getMutationsCount() > 0
            ? KeyRange.single(Bytes.of(prewrite.getMutations(0).getKey()))
            : Wire.range(prewrite.getReads(0));
      }
      case COMMIT -> KeyRange.single(Bytes.of(request.getCommit().getPrimary()));
      case ROLLBACK -> KeyRange.single(Bytes.of(request.getRollback().getKey()));
      case CHECK_TXN -> KeyRange.single(Bytes.of(request.getCheckTxn().getPrimary()));
      case TXN_HEARTBEAT -> KeyRange.single(Bytes.of(request.getTxnHeartbeat().getPrimary()));
      case SCAN_LOCKS -> Wire.range(request.getScanLocks().getRange());
      case RESOLVE_LOCKS ->
        Wire.range(request.getResolveLocks().getResolutions(0).getRanges(0));
      default -> KeyRange.single(Bytes.of(request.getForgetTxn().getTxns(0).getPrimary()));
    };
  }

  int locks() {
    synchronized (keyspace) {
      return locks.size();
    }
  }

  int records() {
    synchronized (keyspace) {
      return decided.size();
    }
  }

  /** Locks of this owner that are there; any other's refuse a request over the range. */
  Optional<Refusal> lockedFor(KeyRange range, boolean writing, List<ByteString> passed) {
    return blocking(range, writing, ByteString.EMPTY, passed);
  }

  private Optional<Refusal> blocking(
      KeyRange range, boolean writing, ByteString mine, List<ByteString> passed) {
    Refusal.Builder refusal = Refusal.newBuilder().setCode(RefusalCode.LOCKED).setMessage("locked");
    for (Lock lock : locks) {
      if (lock.range.overlaps(range)
          && !lock.of.getTxnId().equals(mine)
          && !passed.contains(lock.of.getTxnId())
          && (writing || lock.write.isPresent())) {
        refusal.addLocks(LockInfo.newBuilder()
            .setRange(Wire.range(lock.range))
            .setKind(lock.write.isPresent() ? LockKind.WRITE_LOCK : LockKind.READ_LOCK)
            .setTxnId(lock.of.getTxnId())
            .setPrimary(lock.of.getPrimary())
            .setStartRevision(lock.of.getStartRevision())
            .setTtlMs(lock.of.getTtlMs()));
      }
    }
    return refusal.getLocksCount() > 0 ? Optional.of(refusal.build()) : Optional.empty();
  }

  Response.Builder apply(Request request, Response.Builder response) {
    switch (request.getBodyCase()) {
      case PREWRITE -> prewrite(request.getPrewrite(), response);
      case COMMIT -> commit(request.getCommit(), response);
      case ROLLBACK -> {
        decided.putIfAbsent(request.getRollback().getTxnId(), 0L);
        settle(request.getRollback().getTxnId(), 0, KeyRange.ALL);
        response.setRollback(RollbackResponse.getDefaultInstance());
      }
      case CHECK_TXN -> {
        minCommits.merge(
            request.getCheckTxn().getTxnId(), request.getCheckTxn().getPushAbove() + 1, Math::max);
        response.setTxnState(state(request.getCheckTxn().getTxnId()));
      }
      // As a store that knows of no queue: at once.
      case SCAN_LOCKS -> {
        ScanLocksResponse.Builder found = ScanLocksResponse.newBuilder();
        blocking(Wire.range(request.getScanLocks().getRange()), true, ByteString.EMPTY, List.of())
            .ifPresent(locked -> found.addAllLocks(locked.getLocksList()));
        response.setScanLocks(found);
      }
      case TXN_HEARTBEAT -> response.setTxnState(state(request.getTxnHeartbeat().getTxnId()));
      case RESOLVE_LOCKS -> {
        int released = 0;
        for (Resolution each : request.getResolveLocks().getResolutionsList()) {
          for (var range : each.getRangesList()) {
            released += settle(each.getTxnId(), each.getCommitted(), Wire.range(range));
          }
        }
        response.setResolveLocks(ResolveLocksResponse.newBuilder().setReleased(released));
      }
      default -> {
        request.getForgetTxn().getTxnsList().forEach(txn -> decided.remove(txn.getTxnId()));
        response.setForgetTxn(ForgetTxnResponse.getDefaultInstance());
      }
    }
    return response;
  }

  private void prewrite(PrewriteRequest request, Response.Builder response) {
    List<Lock> wanted = new ArrayList<>();
    for (TxnMutation mutation : request.getMutationsList()) {
      KeyRange range = KeyRange.single(Bytes.of(mutation.getKey()));
      wanted.add(new Lock(request, Optional.of(mutation), range));
    }
    request
        .getReadsList()
        .forEach(read -> wanted.add(new Lock(request, Optional.empty(), Wire.range(read))));
    Refusal refusal = refusal(request, wanted);
    if (refusal != null) {
      response.setRefusal(refusal);
      return;
    }
    response.setPrewrite(PrewriteResponse.getDefaultInstance());
    locks.removeIf(lock -> lock.of.getTxnId().equals(request.getTxnId())
        && wanted.stream().anyMatch(each -> each.range.equals(lock.range)));
    locks.addAll(wanted);
    if (request.getAtOnce()) {
      long at = keyspace.nextRevisions(1);
      settle(request.getTxnId(), at, KeyRange.ALL);
      response.setRevision(at);
    }
  }

  private @Nullable Refusal refusal(PrewriteRequest request, List<Lock> wanted) {
    if (decided.containsKey(request.getTxnId())) {
      return Refusal.newBuilder()
          .setCode(RefusalCode.ROLLED_BACK)
          .setMessage("decided")
          .build();
    }
    for (Lock lock : wanted) {
      Optional<Refusal> locked =
          blocking(lock.range, lock.write.isPresent(), request.getTxnId(), List.of());
      if (locked.isPresent()) {
        return locked.get();
      }
      if (keyspace.changedAfter(lock.range, request.getStartRevision())) {
        return Refusal.newBuilder()
            .setCode(RefusalCode.WRITE_CONFLICT)
            .setMessage("changed since")
            .build();
      }
    }
    return null;
  }

  private void commit(CommitRequest request, Response.Builder response) {
    Long known = decided.get(request.getTxnId());
    boolean held = locks.stream().anyMatch(lock -> lock.of.getTxnId().equals(request.getTxnId()));
    long least = minCommits.getOrDefault(request.getTxnId(), 0L);
    if (known == null && held && request.getCommitRevision() < least) {
      response.setRefusal(Refusal.newBuilder()
          .setCode(RefusalCode.COMMIT_TOO_LOW)
          .setMessage("read above")
          .setMinCommit(least));
      return;
    }
    if (known == null && held) {
      known = request.getCommitRevision();
      decided.put(request.getTxnId(), known);
    }
    if (known == null || known == 0) {
      response.setRefusal(Refusal.newBuilder()
          .setCode(known == null ? RefusalCode.TXN_UNKNOWN : RefusalCode.ROLLED_BACK)
          .setMessage("not committed"));
      return;
    }
    for (var range : request.getRangesList()) {
      settle(request.getTxnId(), known, Wire.range(range));
    }
    response.setCommit(CommitResponse.newBuilder().setCommitRevision(known));
  }

  private TxnStateResponse state(ByteString id) {
    Long known = decided.get(id);
    TxnStateResponse.Builder state = TxnStateResponse.newBuilder();
    if (known != null) {
      return known == 0
          ? state
              .setRolledBack(TxnStateResponse.RolledBack.getDefaultInstance())
              .build()
          : state.setCommitted(known).build();
    }
    return locks.stream().anyMatch(lock -> lock.of.getTxnId().equals(id))
        ? state
            .setLive(TxnStateResponse.Live.newBuilder()
                .setTtlLeftMs(1000)
                .setMinCommit(minCommits.getOrDefault(id, 0L)))
            .build()
        : state.setAbsent(TxnStateResponse.Absent.getDefaultInstance()).build();
  }

  private int settle(ByteString id, long revision, KeyRange range) {
    TreeMap<Integer, TxnMutation> writes = new TreeMap<>();
    int before = locks.size();
    locks.removeIf(lock -> {
      boolean mine = lock.of.getTxnId().equals(id) && lock.range.overlaps(range);
      if (mine) {
        lock.write.ifPresent(write -> writes.put(write.getSub(), write));
      }
      return mine;
    });
    if (revision > 0) {
      writes.values().forEach(write -> write(write, revision));
    }
    return before - locks.size();
  }

  private void write(TxnMutation write, long revision) {
    if (write.hasPut()) {
      var unused = keyspace.put(
          PutRequest.newBuilder()
              .setKey(write.getKey())
              .setValue(write.getPut().getValue())
              .setLease(write.getPut().getLease())
              .build(),
          revision);
    } else {
      var unused = keyspace.delete(
          DeleteRangeRequest.newBuilder()
              .setRange(Wire.range(KeyRange.single(Bytes.of(write.getKey()))))
              .build(),
          revision);
    }
  }
}
