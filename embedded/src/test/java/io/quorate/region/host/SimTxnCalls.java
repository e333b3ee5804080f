package io.quorate.region.host;

import io.quorate.client.KeyValue;
import io.quorate.client.RangeOptions;
import io.quorate.client.RangeResult;
import io.quorate.client.route.Route;
import io.quorate.client.route.RoutingTable;
import io.quorate.client.txn.CommitEvent;
import io.quorate.client.txn.CommitRequests;
import io.quorate.client.txn.ForeignLock;
import io.quorate.client.txn.KeyWrite;
import io.quorate.client.txn.LockRequests;
import io.quorate.client.txn.LockResolver;
import io.quorate.client.txn.LocksInTheWayException;
import io.quorate.client.txn.Part;
import io.quorate.client.txn.PrimaryState;
import io.quorate.client.txn.Selecting;
import io.quorate.client.txn.TransactionId;
import io.quorate.client.txn.TransactionLimits;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.Wire;
import io.quorate.proto.CheckTxnRequest;
import io.quorate.proto.CommitRequest;
import io.quorate.proto.ForgetTxnRequest;
import io.quorate.proto.PrewriteRequest;
import io.quorate.proto.RangeRequest;
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
import java.util.function.Function;

/** What the coordinator and the resolver of a client ask, over a {@link SimWire}. Owned by one client of a simulation. */
final class SimTxnCalls implements CommitRequests, LockRequests {
  private final SimWire wire;
  private final SimOracle.Port oracle;
  private final SimTimers timers;
  private final long clientId;
  private final LockResolver resolver;
  private long lastTxn;

  SimTxnCalls(SimWire wire, SimOracle.Port oracle, long clientId) {
    this.wire = wire;
    this.oracle = oracle;
    this.clientId = clientId;
    this.timers = new SimTimers(wire.process());
    this.resolver = new LockResolver(this, TransactionLimits.defaults());
  }

  LockResolver resolver() {
    return resolver;
  }

  @Override
  public Bytes newId() {
    return Bytes.wrap(
        ByteBuffer.allocate(16).putLong(clientId).putLong(++lastTxn).array());
  }

  @Override
  public CompletableFuture<Long> current(long deadlineNanos) {
    return heard(oracle.current()).thenApply(OracleState::revision);
  }

  @Override
  public CompletableFuture<Long> next(long deadlineNanos) {
    return heard(oracle.next(1)).thenApply(Stamps::first);
  }

  /** Who stands still hears nothing. */
  private <T> CompletableFuture<T> heard(CompletableFuture<T> answer) {
    CompletableFuture<T> heard = new CompletableFuture<>();
    var unused = answer.whenComplete((value, failure) -> wire.process().run(() -> {
      if (failure == null) {
        heard.complete(value);
      } else {
        heard.completeExceptionally(failure);
      }
    }));
    return heard;
  }

  /** Read whole, at the revision that the options name; what they leave out is left out here. */
  @Override
  public CompletableFuture<RangeResult> range(
      KeyRange range, RangeOptions options, boolean givesWay, long deadlineNanos) {
    return read(new Scan(range, options.revision(), givesWay), List.of(), 0)
        .thenApply(kvs -> Selecting.of(kvs, options, options.revision()));
  }

  /** What is read, and whether live locks are given way to. */
  private record Scan(KeyRange range, long revision, boolean givesWay) {
    Scan of(KeyRange piece) {
      return new Scan(piece, revision, givesWay);
    }
  }

  private CompletableFuture<List<KeyValue>> read(Scan scan, List<Bytes> past, int tries) {
    List<CompletableFuture<List<KeyValue>>> all = new ArrayList<>();
    for (KeyRange piece : cut(scan.range())) {
      RangeRequest.Builder body =
          RangeRequest.newBuilder().setRange(Wire.range(piece)).setRevision(scan.revision());
      Request.Builder request = Request.newBuilder().setRange(body);
      past.forEach(txn -> request.addPastTxns(txn.toByteString()));
      all.add(wire.ask(piece.start(), piece, true, request)
          .thenCompose(response -> found(response, scan.of(piece), past, tries))
          .exceptionallyCompose(failure -> cause(failure) instanceof SimWire.Spanning
              ? read(scan.of(piece), past, tries)
              : CompletableFuture.failedFuture(failure)));
    }
    return CompletableFuture.allOf(all.toArray(CompletableFuture[]::new))
        .thenApply(done -> all.stream().flatMap(one -> one.join().stream()).toList());
  }

  private CompletableFuture<List<KeyValue>> found(
      Response response, Scan scan, List<Bytes> past, int tries) {
    if (!response.hasRefusal()) {
      return CompletableFuture.completedFuture(
          response.getRange().getKvsList().stream().map(KeyValue::of).toList());
    }
    if (response.getRefusal().getCode() != RefusalCode.LOCKED) {
      return CompletableFuture.failedFuture(
          new IllegalStateException("a read is refused: " + response.getRefusal()));
    }
    List<ForeignLock> locks =
        response.getRefusal().getLocksList().stream().map(ForeignLock::of).toList();
    if (scan.givesWay()) {
      return resolver
          .settle(locks, never())
          .thenCompose(stay -> stay.isEmpty()
              ? read(scan, past, tries)
              : CompletableFuture.failedFuture(new LocksInTheWayException(stay)));
    }
    return resolver.unblockRead(locks, scan.revision(), tries, never()).thenCompose(passed -> {
      List<Bytes> more = new ArrayList<>(past);
      more.addAll(passed);
      return read(scan, more, tries + 1);
    });
  }

  /** Deadlines are of the real clock, which does not matter here. */
  static long never() {
    return System.nanoTime() + 3_600_000_000_000L;
  }

  private List<KeyRange> cut(KeyRange range) {
    List<KeyRange> pieces = new ArrayList<>();
    Bytes at = range.start();
    while (true) {
      RegionDescriptor owner = wire.owner(at);
      boolean last = KeyRange.compareEnds(range.end(), owner.range().end()) <= 0;
      pieces.add(KeyRange.of(at, last ? range.end() : owner.range().end()));
      if (last) {
        return pieces;
      }
      at = owner.range().end();
    }
  }

  @Override
  public CompletableFuture<List<RoutingTable.Piece>> pieces(KeyRange range, long deadlineNanos) {
    return CompletableFuture.completedFuture(cut(range).stream()
        .map(piece -> new RoutingTable.Piece(piece, route(piece.start())))
        .toList());
  }

  private Route route(Bytes key) {
    return Route.of(wire.owner(key), null, 0);
  }

  @Override
  public boolean isClosed() {
    return false;
  }

  @Override
  public CompletableFuture<Void> pause(long nanos) {
    return timers.pause(nanos);
  }

  @Override
  public Executor callbacks() {
    return timers;
  }

  @Override
  public CompletableFuture<CommitEvent> atOnce(Head head, Part part, long deadlineNanos) {
    return event(
        part,
        0,
        wire.ask(
            part.key(),
            part.span(),
            false,
            Request.newBuilder().setPrewrite(prewrite(head, part).setAtOnce(true))),
        response -> new CommitEvent.Committed(part.number(), response.getRevision()));
  }

  @Override
  public CompletableFuture<CommitEvent> prewrite(Head head, Part part, long deadlineNanos) {
    PrewriteRequest.Builder body = prewrite(head, part);
    if (part.writes(head.id().primary())) {
      head.spans().forEach(span -> body.addSpans(Wire.range(span)));
    }
    return event(
        part,
        0,
        wire.ask(part.key(), part.span(), true, Request.newBuilder().setPrewrite(body)),
        response -> new CommitEvent.Prewritten(part.number()));
  }

  private static PrewriteRequest.Builder prewrite(Head head, Part part) {
    PrewriteRequest.Builder body = PrewriteRequest.newBuilder()
        .setTxnId(head.id().id().toByteString())
        .setStartRevision(head.id().start())
        .setPrimary(head.id().primary().toByteString())
        .setTtlMs((int) head.ttlMillis());
    for (KeyWrite write : part.writes()) {
      TxnMutation.Builder mutation =
          TxnMutation.newBuilder().setKey(write.key().toByteString()).setSub(write.sub());
      Bytes value = write.value();
      body.addMutations(
          value == null
              ? mutation.setDelete(TxnDelete.getDefaultInstance())
              : mutation.setPut(TxnPut.newBuilder().setValue(value.toByteString())));
    }
    part.reads().forEach(read -> body.addReads(Wire.range(read)));
    return body;
  }

  @Override
  public CompletableFuture<CommitEvent> commitPrimary(
      Head head, Part part, long revision, long deadlineNanos) {
    CommitRequest.Builder body = CommitRequest.newBuilder()
        .setTxnId(head.id().id().toByteString())
        .setPrimary(head.id().primary().toByteString())
        .setCommitRevision(revision)
        .addRanges(Wire.range(part.span()));
    return event(
        part,
        revision,
        wire.ask(head.id().primary(), part.span(), true, Request.newBuilder().setCommit(body)),
        response ->
            new CommitEvent.Committed(part.number(), response.getCommit().getCommitRevision()));
  }

  @Override
  public CompletableFuture<CommitEvent> commit(
      Head head, Part part, long revision, long deadlineNanos) {
    Resolution.Builder resolution = Resolution.newBuilder()
        .setTxnId(head.id().id().toByteString())
        .setCommitted(revision)
        .addRanges(Wire.range(part.span()));
    return event(
        part,
        revision,
        wire.ask(
            part.span().start(),
            part.span(),
            true,
            Request.newBuilder()
                .setResolveLocks(ResolveLocksRequest.newBuilder().addResolutions(resolution))),
        response -> new CommitEvent.Committed(part.number(), revision));
  }

  @Override
  public CompletableFuture<CommitEvent> rollBack(Head head, Part part, long deadlineNanos) {
    Bytes key = part.writes(head.id().primary()) ? head.id().primary() : part.key();
    RollbackRequest.Builder body = RollbackRequest.newBuilder()
        .setTxnId(head.id().id().toByteString())
        .setStartRevision(head.id().start())
        .setKey(key.toByteString())
        .addRanges(Wire.range(part.span()));
    return event(
        part,
        0,
        wire.ask(key, part.span(), true, Request.newBuilder().setRollback(body)),
        response -> new CommitEvent.RolledBack(part.number()));
  }

  @Override
  public CompletableFuture<Boolean> beat(Head head, long deadlineNanos) {
    TxnHeartbeatRequest.Builder body = TxnHeartbeatRequest.newBuilder()
        .setTxnId(head.id().id().toByteString())
        .setPrimary(head.id().primary().toByteString())
        .setTtlMs((int) head.ttlMillis());
    return atPrimary(head.id(), Request.newBuilder().setTxnHeartbeat(body))
        .thenApply(response -> !response.getTxnState().hasRolledBack());
  }

  @Override
  public CompletableFuture<PrimaryState> check(
      TransactionId id, long pushAbove, boolean rollBackAbsent, long deadlineNanos) {
    CheckTxnRequest.Builder body = CheckTxnRequest.newBuilder()
        .setTxnId(id.id().toByteString())
        .setStartRevision(id.start())
        .setPrimary(id.primary().toByteString())
        .setPushAbove(pushAbove)
        .setRollBackAbsent(rollBackAbsent);
    return atPrimary(id, Request.newBuilder().setCheckTxn(body))
        .thenApply(response -> state(response.getTxnState()));
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
    ForgetTxnRequest.Builder body = ForgetTxnRequest.newBuilder()
        .addTxns(ForgetTxnRequest.Decided.newBuilder()
            .setTxnId(id.id().toByteString())
            .setPrimary(id.primary().toByteString()));
    return atPrimary(id, Request.newBuilder().setForgetTxn(body)).thenAccept(done -> {});
  }

  @Override
  public CompletableFuture<Integer> resolve(
      TransactionId id, PrimaryState state, List<KeyRange> ranges, long deadlineNanos) {
    CompletableFuture<Integer> released = CompletableFuture.completedFuture(0);
    for (KeyRange range : ranges) {
      for (KeyRange piece : cut(range)) {
        released =
            released.thenCombine(resolvePiece(id, state, piece, deadlineNanos), Integer::sum);
      }
    }
    return released;
  }

  private CompletableFuture<Integer> resolvePiece(
      TransactionId id, PrimaryState state, KeyRange piece, long deadlineNanos) {
    Resolution.Builder resolution =
        Resolution.newBuilder().setTxnId(id.id().toByteString()).addRanges(Wire.range(piece));
    if (state instanceof PrimaryState.Committed committed) {
      resolution.setCommitted(committed.revision());
    } else {
      resolution.setRolledBack(true);
    }
    return wire.ask(
            piece.start(),
            piece,
            true,
            Request.newBuilder()
                .setResolveLocks(ResolveLocksRequest.newBuilder().addResolutions(resolution)))
        .thenApply(response -> response.getResolveLocks().getReleased())
        .exceptionallyCompose(failure -> cause(failure) instanceof SimWire.Spanning
            ? resolve(id, state, List.of(piece), deadlineNanos)
            : CompletableFuture.failedFuture(failure));
  }

  @Override
  public CompletableFuture<Boolean> await(Wait wait, long deadlineNanos) {
    ScanLocksRequest.Builder body = ScanLocksRequest.newBuilder()
        .setRange(Wire.range(wait.range()))
        .setPatienceMs((int) wait.patienceMillis())
        .setSince(wait.since())
        .setTxnId(wait.self().toByteString())
        .setReadsToo(wait.readsToo());
    return wire.ask(
            wait.range().start(), wait.range(), true, Request.newBuilder().setScanLocks(body))
        .thenApply(response -> response.getScanLocks().getLocksCount() == 0);
  }

  private CompletableFuture<Response> atPrimary(TransactionId id, Request.Builder request) {
    return wire.ask(id.primary(), KeyRange.single(id.primary()), true, request)
        .thenApply(response -> {
          if (response.hasRefusal()) {
            throw new IllegalStateException("refused: " + response.getRefusal());
          }
          return response;
        });
  }

  private static Throwable cause(Throwable failure) {
    Throwable cause = failure.getCause();
    return cause == null ? failure : cause;
  }

  private static CompletableFuture<CommitEvent> event(
      Part part,
      long revision,
      CompletableFuture<Response> answer,
      Function<Response, CommitEvent> reading) {
    return answer
        .thenApply(response -> response.hasRefusal()
            ? refused(part.number(), response.getRefusal(), revision)
            : reading.apply(response))
        .exceptionallyCompose(failure -> cause(failure) instanceof SimWire.Spanning
            ? CompletableFuture.completedFuture(new CommitEvent.Moved(part.number(), List.of()))
            : CompletableFuture.failedFuture(failure));
  }

  private static CommitEvent refused(int part, Refusal refusal, long revision) {
    return switch (refusal.getCode()) {
      case LOCKED ->
        new CommitEvent.Locked(
            part, refusal.getLocksList().stream().map(ForeignLock::of).toList());
      case WRITE_CONFLICT, BELOW_FLOOR, ROLLED_BACK ->
        new CommitEvent.Conflicted(
            part, Bytes.of(refusal.getConflict().getKey()), refusal.getMessage());
      case COMMIT_TOO_LOW -> new CommitEvent.Pushed(part, revision, refusal.getMinCommit());
      case TXN_UNKNOWN -> new CommitEvent.Vanished(part);
      default -> new CommitEvent.Refused(part, refusal.getCode(), refusal.getMessage());
    };
  }
}
