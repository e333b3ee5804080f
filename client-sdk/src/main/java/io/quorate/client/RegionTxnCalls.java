package io.quorate.client;

import io.quorate.client.placement.OracleClient;
import io.quorate.client.placement.OracleState;
import io.quorate.client.route.RoutingTable.Piece;
import io.quorate.client.txn.CommitEvent;
import io.quorate.client.txn.CommitRequests;
import io.quorate.client.txn.ForeignLock;
import io.quorate.client.txn.KeyWrite;
import io.quorate.client.txn.LockRequests;
import io.quorate.client.txn.LocksInTheWayException;
import io.quorate.client.txn.Part;
import io.quorate.client.txn.PrimaryState;
import io.quorate.client.txn.TransactionId;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Wire;
import io.quorate.proto.CheckTxnRequest;
import io.quorate.proto.CommitRequest;
import io.quorate.proto.ForgetTxnRequest;
import io.quorate.proto.LockKind;
import io.quorate.proto.PrewriteRequest;
import io.quorate.proto.Refusal;
import io.quorate.proto.RefusalCode;
import io.quorate.proto.Request;
import io.quorate.proto.Resolution;
import io.quorate.proto.ResolveLocksRequest;
import io.quorate.proto.Response;
import io.quorate.proto.RollbackRequest;
import io.quorate.proto.ScanLocksRequest;
import io.quorate.proto.TxnDelete;
import io.quorate.proto.TxnHeartbeatRequest;
import io.quorate.proto.TxnMutation;
import io.quorate.proto.TxnPut;
import io.quorate.proto.TxnStateResponse;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Brings requests of transactions and about locks to regions, and reads what they answer. Owned by {@link RegionClient}; any
 * thread.
 */
final class RegionTxnCalls implements CommitRequests, LockRequests {
  private final RegionClient regions;
  private final OracleClient oracle;
  private final ClientConfig config;
  private final Executor callbacks;
  private final long clientId;
  private final AtomicLong lastNumber = new AtomicLong();

  RegionTxnCalls(
      RegionClient regions,
      OracleClient oracle,
      ClientConfig config,
      Executor callbacks,
      long clientId) {
    this.regions = regions;
    this.oracle = oracle;
    this.config = config;
    this.callbacks = callbacks;
    this.clientId = clientId;
  }

  @Override
  public Bytes newId() {
    // The client's half is drawn at random, the other counts.
    return Bytes.wrap(ByteBuffer.allocate(TransactionId.ID_BYTES)
        .putLong(clientId)
        .putLong(lastNumber.incrementAndGet())
        .array());
  }

  @Override
  public CompletableFuture<Long> current(long deadlineNanos) {
    return regions.bounded(oracle.current(), deadlineNanos).thenApply(OracleState::revision);
  }

  @Override
  public CompletableFuture<Long> next(long deadlineNanos) {
    return regions.bounded(oracle.next(1), deadlineNanos).thenApply(block -> block.first());
  }

  @Override
  public CompletableFuture<RangeResult> range(
      KeyRange range, RangeOptions options, boolean givesWay, long deadlineNanos) {
    return new RangeScan(
            regions,
            oracle,
            range,
            options,
            deadlineNanos,
            config.scanParallelism(),
            /* heedsLocks= */ !givesWay)
        .run()
        .exceptionallyCompose(
            failure -> QuorateClient.unwrap(failure) instanceof RefusedException refused
                    && refused.code() == RefusalCode.LOCKED
                ? readAgain(range, options, locks(refused), deadlineNanos)
                : CompletableFuture.failedFuture(failure));
  }

  /** What is decided is carried out, and read; who lives is given way to. */
  private CompletableFuture<RangeResult> readAgain(
      KeyRange range, RangeOptions options, List<ForeignLock> locks, long deadlineNanos) {
    return regions
        .resolver()
        .settle(locks, deadlineNanos)
        .thenCompose(stay -> stay.isEmpty() && deadlineNanos - System.nanoTime() > 0
            ? range(range, options, /* givesWay= */ true, deadlineNanos)
            : CompletableFuture.failedFuture(
                new LocksInTheWayException(stay.isEmpty() ? locks : stay)));
  }

  private static List<ForeignLock> locks(RefusedException refused) {
    return refused.refusal().getLocksList().stream().map(ForeignLock::of).toList();
  }

  @Override
  public CompletableFuture<List<Piece>> pieces(KeyRange range, long deadlineNanos) {
    return regions.plan(range, deadlineNanos);
  }

  @Override
  public boolean isClosed() {
    return regions.isClosed();
  }

  @Override
  public CompletableFuture<Void> pause(long nanos) {
    return regions.pauses().pause(nanos);
  }

  @Override
  public Executor callbacks() {
    return callbacks;
  }

  @Override
  public CompletableFuture<CommitEvent> atOnce(Head head, Part part, long deadlineNanos) {
    PrewriteRequest body = prewrite(head, part).setAtOnce(true).build();
    return prewrite(part, body, /* writes= */ true, deadlineNanos);
  }

  @Override
  public CompletableFuture<CommitEvent> prewrite(Head head, Part part, long deadlineNanos) {
    PrewriteRequest.Builder body = prewrite(head, part);
    if (part.writes(head.id().primary())) {
      head.spans().forEach(span -> body.addSpans(Wire.range(span)));
    }
    return prewrite(part, body.build(), /* writes= */ false, deadlineNanos);
  }

  private static PrewriteRequest.Builder prewrite(Head head, Part part) {
    PrewriteRequest.Builder body = PrewriteRequest.newBuilder()
        .setTxnId(head.id().id().toByteString())
        .setStartRevision(head.id().start())
        .setPrimary(head.id().primary().toByteString())
        .setTtlMs((int) head.ttlMillis());
    part.writes().forEach(write -> body.addMutations(mutation(write)));
    part.reads().forEach(read -> body.addReads(Wire.range(read)));
    return body;
  }

  private static TxnMutation mutation(KeyWrite write) {
    TxnMutation.Builder mutation =
        TxnMutation.newBuilder().setKey(write.key().toByteString()).setSub(write.sub());
    Bytes value = write.value();
    return value == null
        ? mutation.setDelete(TxnDelete.getDefaultInstance()).build()
        : mutation
            .setPut(TxnPut.newBuilder().setValue(value.toByteString()).setLease(write.lease()))
            .build();
  }

  private CompletableFuture<CommitEvent> prewrite(
      Part part, PrewriteRequest body, boolean writes, long deadlineNanos) {
    return events(
        part,
        ask(
            OpKind.PREWRITE,
            part.key(),
            part.span(),
            writes,
            body.getSerializedSize(),
            request -> request.setPrewrite(body),
            Response.BodyCase.PREWRITE,
            response -> response.getRevision() > 0 && body.getAtOnce()
                ? new CommitEvent.Committed(part.number(), response.getRevision())
                : new CommitEvent.Prewritten(part.number()),
            deadlineNanos),
        0);
  }

  @Override
  public CompletableFuture<CommitEvent> commitPrimary(
      Head head, Part part, long revision, long deadlineNanos) {
    CommitRequest body = CommitRequest.newBuilder()
        .setTxnId(head.id().id().toByteString())
        .setPrimary(head.id().primary().toByteString())
        .setCommitRevision(revision)
        .addRanges(Wire.range(part.span()))
        .build();
    return events(
        part,
        ask(
            OpKind.COMMIT,
            head.id().primary(),
            part.span(),
            /* writes= */ false,
            body.getSerializedSize(),
            request -> request.setCommit(body),
            Response.BodyCase.COMMIT,
            response ->
                new CommitEvent.Committed(part.number(), response.getCommit().getCommitRevision()),
            deadlineNanos),
        revision);
  }

  @Override
  public CompletableFuture<CommitEvent> commit(
      Head head, Part part, long revision, long deadlineNanos) {
    Resolution resolution = Resolution.newBuilder()
        .setTxnId(head.id().id().toByteString())
        .setCommitted(revision)
        .addRanges(Wire.range(part.span()))
        .build();
    return events(
        part,
        resolve(resolution, part.span(), deadlineNanos)
            .thenApply(released -> new CommitEvent.Committed(part.number(), revision)),
        revision);
  }

  @Override
  public CompletableFuture<CommitEvent> rollBack(Head head, Part part, long deadlineNanos) {
    Bytes key = part.writes(head.id().primary()) ? head.id().primary() : part.key();
    RollbackRequest body = RollbackRequest.newBuilder()
        .setTxnId(head.id().id().toByteString())
        .setStartRevision(head.id().start())
        .setKey(key.toByteString())
        .addRanges(Wire.range(part.span()))
        .build();
    return events(
        part,
        ask(
            OpKind.ROLLBACK,
            key,
            part.span(),
            /* writes= */ false,
            body.getSerializedSize(),
            request -> request.setRollback(body),
            Response.BodyCase.ROLLBACK,
            response -> new CommitEvent.RolledBack(part.number()),
            deadlineNanos),
        0);
  }

  @Override
  public CompletableFuture<Boolean> beat(Head head, long deadlineNanos) {
    TxnHeartbeatRequest body = TxnHeartbeatRequest.newBuilder()
        .setTxnId(head.id().id().toByteString())
        .setPrimary(head.id().primary().toByteString())
        .setTtlMs((int) head.ttlMillis())
        .build();
    return atPrimary(
        head.id(),
        body.getSerializedSize(),
        request -> request.setTxnHeartbeat(body),
        Response.BodyCase.TXN_STATE,
        response -> !response.getTxnState().hasRolledBack(),
        deadlineNanos);
  }

  @Override
  public CompletableFuture<PrimaryState> check(
      TransactionId id, long pushAbove, boolean rollBackAbsent, long deadlineNanos) {
    CheckTxnRequest body = CheckTxnRequest.newBuilder()
        .setTxnId(id.id().toByteString())
        .setStartRevision(id.start())
        .setPrimary(id.primary().toByteString())
        .setPushAbove(pushAbove)
        .setRollBackAbsent(rollBackAbsent)
        .build();
    return atPrimary(
        id,
        body.getSerializedSize(),
        request -> request.setCheckTxn(body),
        Response.BodyCase.TXN_STATE,
        response -> state(response.getTxnState()),
        deadlineNanos);
  }

  private static PrimaryState state(TxnStateResponse told) {
    List<KeyRange> spans = told.getSpansList().stream().map(Wire::range).toList();
    return switch (told.getStateCase()) {
      case COMMITTED -> new PrimaryState.Committed(told.getCommitted(), spans);
      case ROLLED_BACK -> new PrimaryState.RolledBack(spans);
      case LIVE ->
        new PrimaryState.Live(told.getLive().getTtlLeftMs(), told.getLive().getMinCommit(), spans);
      case ABSENT, STATE_NOT_SET -> new PrimaryState.Absent();
    };
  }

  @Override
  public CompletableFuture<Void> forget(TransactionId id, long deadlineNanos) {
    ForgetTxnRequest body = ForgetTxnRequest.newBuilder()
        .addTxns(ForgetTxnRequest.Decided.newBuilder()
            .setTxnId(id.id().toByteString())
            .setPrimary(id.primary().toByteString()))
        .build();
    return atPrimary(
            id,
            body.getSerializedSize(),
            request -> request.setForgetTxn(body),
            Response.BodyCase.FORGET_TXN,
            response -> true,
            deadlineNanos)
        .thenAccept(done -> {});
  }

  @Override
  public CompletableFuture<Integer> resolve(
      TransactionId id, PrimaryState state, List<KeyRange> ranges, long deadlineNanos) {
    Resolution.Builder resolution = Resolution.newBuilder().setTxnId(id.id().toByteString());
    if (state instanceof PrimaryState.Committed committed) {
      resolution.setCommitted(committed.revision());
    } else {
      resolution.setRolledBack(true);
    }
    return resolve(resolution.build(), ranges, deadlineNanos);
  }

  /** In each region that has a part of the ranges; divided anew where they were cut meanwhile. */
  private CompletableFuture<Integer> resolve(
      Resolution without, List<KeyRange> ranges, long deadlineNanos) {
    CompletableFuture<List<Piece>> pieces = CompletableFuture.completedFuture(List.of());
    for (KeyRange range : ranges) {
      pieces = pieces.thenCombine(regions.plan(range, deadlineNanos), (known, more) -> {
        List<Piece> both = new ArrayList<>(known);
        both.addAll(more);
        return both;
      });
    }
    return pieces.thenCompose(all -> {
      CompletableFuture<Integer> released = CompletableFuture.completedFuture(0);
      for (Piece piece : all) {
        Resolution one =
            without.toBuilder().addRanges(Wire.range(piece.range())).build();
        released = released.thenCombine(
            resolve(one, piece.range(), deadlineNanos)
                .exceptionallyCompose(
                    failure -> isSpanning(failure) && deadlineNanos - System.nanoTime() > 0
                        ? resolve(without, List.of(piece.range()), deadlineNanos)
                        : CompletableFuture.failedFuture(failure)),
            Integer::sum);
      }
      return released;
    });
  }

  private CompletableFuture<Integer> resolve(
      Resolution resolution, KeyRange span, long deadlineNanos) {
    ResolveLocksRequest body =
        ResolveLocksRequest.newBuilder().addResolutions(resolution).build();
    return ask(
        OpKind.LOCKS,
        span.start(),
        span,
        /* writes= */ false,
        body.getSerializedSize(),
        request -> request.setResolveLocks(body),
        Response.BodyCase.RESOLVE_LOCKS,
        response -> response.getResolveLocks().getReleased(),
        deadlineNanos);
  }

  @Override
  public CompletableFuture<Boolean> await(Wait wait, long deadlineNanos) {
    ScanLocksRequest body = ScanLocksRequest.newBuilder()
        .setRange(Wire.range(wait.range()))
        .setPatienceMs((int) wait.patienceMillis())
        .setSince(wait.since())
        .setTxnId(wait.self().toByteString())
        .setReadsToo(wait.readsToo())
        .build();
    return ask(
        OpKind.LOCKS,
        wait.range().start(),
        wait.range(),
        /* writes= */ false,
        body.getSerializedSize(),
        request -> request.setScanLocks(body),
        Response.BodyCase.SCAN_LOCKS,
        response -> response.getScanLocks().getLocksList().stream()
            .noneMatch(lock -> !lock.getTxnId().equals(body.getTxnId())
                && (wait.readsToo() || lock.getKind() == LockKind.WRITE_LOCK)),
        deadlineNanos);
  }

  private <T> CompletableFuture<T> atPrimary(
      TransactionId id,
      int sizeBytes,
      Consumer<Request.Builder> body,
      Response.BodyCase answer,
      Function<Response, T> reading,
      long deadlineNanos) {
    return ask(
        OpKind.LOCKS, id.primary(), null, false, sizeBytes, body, answer, reading, deadlineNanos);
  }

  private <T> CompletableFuture<T> ask(
      OpKind kind,
      Bytes key,
      @Nullable KeyRange span,
      boolean writes,
      int sizeBytes,
      Consumer<Request.Builder> body,
      Response.BodyCase answer,
      Function<Response, T> reading,
      long deadlineNanos) {
    return regions.execute(
        new AskedOperation<>(
            kind, key, span, writes, /* heedsLocks= */ false, sizeBytes, body, answer, reading),
        deadlineNanos,
        /* direct= */ true);
  }

  private static boolean isSpanning(Throwable failure) {
    return QuorateClient.unwrap(failure) instanceof RefusedException refused
        && refused.code() == RefusalCode.SPANS_REGIONS;
  }

  /**
   * What a region refuses is an event, too.
   *
   * @param revision at which it was to commit; 0 if it was not
   */
  private static CompletableFuture<CommitEvent> events(
      Part part, CompletableFuture<CommitEvent> answer, long revision) {
    return answer.exceptionallyCompose(failure -> {
      if (!(QuorateClient.unwrap(failure) instanceof RefusedException refused)) {
        return CompletableFuture.failedFuture(failure);
      }
      return CompletableFuture.completedFuture(event(part.number(), refused, revision));
    });
  }

  private static CommitEvent event(int part, RefusedException refused, long revision) {
    Refusal refusal = refused.refusal();
    String words = String.valueOf(refused.getMessage());
    return switch (refusal.getCode()) {
      case SPANS_REGIONS -> new CommitEvent.Moved(part, List.of());
      case LOCKED -> new CommitEvent.Locked(part, locks(refused));
      case WRITE_CONFLICT, BELOW_FLOOR ->
        new CommitEvent.Conflicted(part, Bytes.of(refusal.getConflict().getKey()), words);
      case ROLLED_BACK ->
        revision > 0
            ? new CommitEvent.CommitRefused(part, words)
            : new CommitEvent.Conflicted(part, Bytes.EMPTY, words);
      case COMMIT_TOO_LOW -> new CommitEvent.Pushed(part, revision, refusal.getMinCommit());
      case TXN_UNKNOWN -> new CommitEvent.Vanished(part);
      default -> new CommitEvent.Refused(part, refusal.getCode(), words);
    };
  }
}
