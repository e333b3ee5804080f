package io.quorate.region.host;

import io.quorate.model.KeyRange;
import io.quorate.model.RegionDescriptor;
import io.quorate.model.RegionError;
import io.quorate.proto.Request;
import io.quorate.proto.Response;
import io.quorate.region.command.Command;
import io.quorate.region.command.DeleteRange;
import io.quorate.region.command.Put;
import io.quorate.region.command.Refusal;
import io.quorate.region.command.TransactionCommand;
import io.quorate.region.command.Txn;
import io.quorate.region.order.Admission;
import io.quorate.region.order.Footprint;
import io.quorate.region.storage.RegionStore;
import io.quorate.region.transaction.Prewrite;
import io.quorate.region.transaction.TxnLimits;
import io.quorate.region.wire.Parsed;
import io.quorate.region.wire.Requests;
import java.util.Optional;
import java.util.function.Consumer;

/** Takes requests in or turns them away, and sends them on their path. Owned by the region's host; runs on its mailbox. */
final class Doorkeeper {
  private final RegionHost host;
  private final RegionHostConfig config;
  private final Oracle oracle;
  private final PermissionHook permissions;
  private final RegionStore store;
  private final Reader reader;

  Doorkeeper(
      RegionHost host,
      RegionHostConfig config,
      Oracle oracle,
      PermissionHook permissions,
      RegionStore store,
      Reader reader) {
    this.host = host;
    this.config = config;
    this.oracle = oracle;
    this.permissions = permissions;
    this.store = store;
    this.reader = reader;
  }

  void admit(RegionRequest request, Consumer<Response> sink) {
    Request message = request.message();
    long timeout = message.getTimeoutMs() == 0
        ? config.defaultTimeout().toNanos()
        : message.getTimeoutMs() * 1_000_000L;
    long deadline = host.now() + timeout;
    Parsed parsed = Requests.parse(message);
    if (parsed instanceof Parsed.Refused refused) {
      Call.reject(request, sink, refused.refusal());
    } else if (parsed instanceof Parsed.Get get) {
      Call call = Call.of(request, sink, deadline, Footprint.of(get.key()));
      if (admitted(call, true)) {
        host.reads().addGet(call);
      }
    } else if (parsed instanceof Parsed.Range range) {
      admitRange(Call.of(request, sink, deadline, range.query()), range.serializable());
    } else if (parsed instanceof Parsed.Leases leases) {
      Call call = Call.of(request, sink, deadline, leases.footprint());
      if (admitted(call, true)) {
        host.reads().addGet(call);
      }
    } else if (parsed instanceof Parsed.Txns txns) {
      Call call = Call.of(request, sink, deadline, txns.footprint());
      whenHandedOut(txns.claims(), call, () -> {
        if (admitted(call, true)) {
          host.reads().addGet(call);
        }
      });
    } else if (parsed instanceof Parsed.Write write) {
      Command command = host.leases().withinBounds(write.command());
      Call call = Call.of(request, sink, deadline, command);
      long claims = command instanceof TransactionCommand txn ? txn.claims() : 0;
      whenHandedOut(claims, call, () -> admitWrite(call, command));
    }
  }

  /**
   * Goes on once it is sure that the revision which a request names is none of the future: what is written or promised there would
   * keep everybody else waiting. A little ahead of what this store knows is right, since others are told first.
   */
  private void whenHandedOut(long revision, Call call, Runnable go) {
    if (revision <= oracle.newestKnown().revision() + TxnLimits.MAX_AHEAD) {
      go.run();
      return;
    }
    var unused = oracle
        .current()
        .whenComplete((state, failure) -> host.post(() -> {
          if (state == null) {
            call.fail(host.errors().noOracle(String.valueOf(failure)));
          } else if (revision > state.revision()) {
            call.refuse(Refusal.FUTURE_REVISION);
          } else {
            go.run();
          }
        }));
  }

  /** Whether the region keeps so much of transactions that it takes in no more. */
  private boolean isFull(Command command) {
    return command instanceof Prewrite
        && (store.locks().size() >= TxnLimits.MAX_LOCKS
            || store.locks().recordCount() >= TxnLimits.MAX_RECORDS);
  }

  private void admitRange(Call call, boolean serializable) {
    long revision = call.query().revision();
    // A serializable read of what is not applied here yet is as good as any other read.
    boolean local = serializable
        && (revision <= host.appliedStamp() || revision <= host.resolver().resolved());
    if (admitted(call, !local)) {
      if (local && revision > 0 && !call.mayReadBelowCompacted()) {
        host.reads().addLocal(call, revision);
      } else if (local) {
        reader.local(call);
      } else {
        host.reads().addSnapshot(call, revision);
      }
    }
  }

  private void admitWrite(Call call, Command command) {
    if (!admitted(call, true)) {
      return;
    }
    if (isFull(command)) {
      call.fail(host.errors().busy("too many locks of transactions stand in the region"));
    } else if (LeaseRegistrar.namesLeases(command)) {
      host.leases().registrar().admit(call);
    } else if (call.name().repeated()) {
      // What it looks like now says nothing: only the log tells whether it was done before.
      host.writes().add(call);
    } else if (command instanceof Txn txn && txn.isReadOnly()) {
      host.reads().addSnapshot(call, 0);
    } else if (isWorthALook(command, call)
        && host.writes().touchesNothing(call.footprint())
        && store.foresee(command, Long.MAX_VALUE - 1).isPresent()) {
      // The state says that nothing is written: if it still says so at R, then that is the answer.
      host.reads().addSnapshot(call, 0);
    } else {
      host.writes().add(call);
    }
  }

  /** Whether the command may turn out to write nothing, and finding that out costs only point reads. */
  private static boolean isWorthALook(Command command, Call call) {
    if (command instanceof Put put) {
      return put.ignoreValue() || put.ignoreLease();
    }
    return (command instanceof DeleteRange || command instanceof Txn)
        && call.footprint().isPoints();
  }

  private boolean admitted(Call call, boolean needsLeader) {
    Optional<String> failure = host.failure();
    if (failure.isPresent()) {
      call.fail(new RegionError.Unavailable("the replica has stopped: " + failure.get()));
      return false;
    }
    Request message = call.request().message();
    if (message.getReplicaId() != 0 && message.getReplicaId() != host.selfReplica()) {
      call.fail(host.errors().notLeader());
      return false;
    }
    RegionStore.Shape shape = store.shape();
    RegionDescriptor region = shape.descriptor();
    KeyRange range = region.range();
    if (shape.frozen()) {
      call.fail(host.errors().epochMismatch());
      return false;
    }
    Admission decision = Admission.decide(
        region.epoch().version(),
        range,
        host.term() != 0,
        needsLeader,
        message.getEpoch().getVersion(),
        call.footprint());
    switch (decision) {
      case NOT_LEADER -> call.fail(host.errors().notLeader());
      case WRONG_EPOCH -> call.fail(host.errors().epochMismatch());
      case OUT_OF_RANGE -> call.fail(host.errors().outOfRange());
      case ADMITTED -> {
        noteLoad(call);
        Optional<Refusal> refusal = permissions.check(call.request());
        refusal.ifPresent(call::refuse);
      }
    }
    return !call.answered();
  }

  private void noteLoad(Call call) {
    int place = host.load().note(call.bytes());
    if (place >= 0) {
      Footprint named = call.footprint();
      host.load()
          .keep(
              place,
              named.isPoints() && !named.keys().isEmpty()
                  ? KeyRange.single(named.keys().get(0))
                  : named.ranges().isEmpty()
                      ? host.descriptor().range()
                      : named.ranges().get(0));
    }
  }
}
