package io.quorate.region.wire;

import com.google.protobuf.ByteString;
import io.quorate.model.Bytes;
import io.quorate.model.Protocol;
import io.quorate.model.Wire;
import io.quorate.proto.DeleteRangeRequest;
import io.quorate.proto.Operation;
import io.quorate.proto.PutRequest;
import io.quorate.proto.RangeRequest;
import io.quorate.proto.Request;
import io.quorate.proto.RestoreRequest;
import io.quorate.proto.TxnRequest;
import io.quorate.region.command.Command;
import io.quorate.region.command.Compare;
import io.quorate.region.command.DeleteRange;
import io.quorate.region.command.Put;
import io.quorate.region.command.Read;
import io.quorate.region.command.Refusal;
import io.quorate.region.command.Restore;
import io.quorate.region.command.Txn;
import io.quorate.region.command.Validation;
import io.quorate.region.mvcc.KeyVersion;
import io.quorate.region.mvcc.RangeQuery;
import io.quorate.region.mvcc.Version;
import io.quorate.region.transaction.TxnId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** From kv messages to commands and queries. Stateless. */
public final class Requests {
  /** Transactions whose locks one read passes over. */
  private static final int MAX_PAST = 256;

  private Requests() {}

  /** Understands a request's body and refuses what no state could grant. */
  public static Parsed parse(Request request) {
    if (request.getSerializedSize() > Protocol.MAX_REQUEST_BYTES) {
      return new Parsed.Refused(Refusal.REQUEST_TOO_LARGE);
    }
    if (request.getPastTxnsCount() > 0 && !isSound(request.getPastTxnsList())) {
      return new Parsed.Refused(Refusal.invalid("quorate: up to " + MAX_PAST + " transactions of "
          + TxnId.BYTES + " bytes are read past"));
    }
    try {
      return switch (request.getBodyCase()) {
        case PUT -> write(put(request.getPut()));
        case DELETE_RANGE -> write(delete(request.getDeleteRange()));
        case TXN -> write(txn(request.getTxn()));
        case GET -> get(Bytes.of(request.getGet().getKey()));
        case RANGE -> range(request.getRange());
        case RESTORE -> write(restore(request.getRestore()));
        case LEASE_GRANT,
            LEASE_REVOKE,
            LEASE_KEEP_ALIVE,
            LEASE_TIME_TO_LIVE,
            LEASE_LIST,
            LEASE_REGISTER,
            LEASE_STRIP,
            LEASE_KEYS -> LeaseMessages.parse(request);
        case PREWRITE,
            COMMIT,
            ROLLBACK,
            CHECK_TXN,
            TXN_HEARTBEAT,
            RESOLVE_LOCKS,
            FORGET_TXN,
            SCAN_LOCKS -> TxnMessages.parse(request);
        case BODY_NOT_SET ->
          new Parsed.Refused(
              Refusal.invalid("quorate: the request has no body that this build knows"));
      };
    } catch (Refused refused) {
      return new Parsed.Refused(refused.refusal);
    }
  }

  private static boolean isSound(List<ByteString> past) {
    return past.size() <= MAX_PAST && past.stream().allMatch(id -> id.size() == TxnId.BYTES);
  }

  private static Parsed write(Command command) {
    Optional<Refusal> refusal = Validation.check(command);
    return refusal.isPresent() ? new Parsed.Refused(refusal.get()) : new Parsed.Write(command);
  }

  private static Parsed get(Bytes key) {
    Optional<Refusal> refusal = Validation.check(key);
    return refusal.isPresent() ? new Parsed.Refused(refusal.get()) : new Parsed.Get(key);
  }

  private static Parsed range(RangeRequest request) {
    RangeQuery query = query(request);
    Optional<Refusal> refusal = Validation.check(query);
    return refusal.isPresent()
        ? new Parsed.Refused(refusal.get())
        : new Parsed.Range(query, request.getSerializable());
  }

  private static Put put(PutRequest request) {
    return new Put(
        Bytes.of(request.getKey()),
        Bytes.of(request.getValue()),
        request.getLease(),
        request.getPrevious(),
        request.getIgnoreValue(),
        request.getIgnoreLease());
  }

  private static DeleteRange delete(DeleteRangeRequest request) {
    return new DeleteRange(Wire.range(request.getRange()), request.getPrevious());
  }

  private static Restore restore(RestoreRequest request) {
    return new Restore(map(
        request.getKvsList(),
        kv -> new KeyVersion(
            Bytes.of(kv.getKey()),
            new Version(
                kv.getModRevision(),
                0,
                kv.getCreateRevision(),
                kv.getVersion(),
                kv.getLease(),
                Bytes.of(kv.getValue())))));
  }

  private static RangeQuery query(RangeRequest request) {
    RangeQuery.Target target = switch (request.getSortTarget()) {
      case SORT_KEY -> RangeQuery.Target.KEY;
      case SORT_VERSION -> RangeQuery.Target.VERSION;
      case SORT_CREATE -> RangeQuery.Target.CREATE;
      case SORT_MOD -> RangeQuery.Target.MOD;
      case SORT_VALUE -> RangeQuery.Target.VALUE;
      case UNRECOGNIZED -> throw new Refused(Refusal.INVALID_SORT_OPTION);
    };
    RangeQuery.Order order = switch (request.getSortOrder()) {
      case SORT_NONE -> RangeQuery.Order.NONE;
      case SORT_ASCEND -> RangeQuery.Order.ASCEND;
      case SORT_DESCEND -> RangeQuery.Order.DESCEND;
      case UNRECOGNIZED -> throw new Refused(Refusal.INVALID_SORT_OPTION);
    };
    return new RangeQuery(
        Wire.range(request.getRange()),
        // etcd takes every number that is not positive for the newest.
        Math.max(0, request.getRevision()),
        Math.max(0, request.getLimit()),
        target,
        order,
        request.getKeysOnly(),
        request.getCountOnly(),
        request.getMinModRevision(),
        request.getMaxModRevision(),
        request.getMinCreateRevision(),
        request.getMaxCreateRevision(),
        request.getPageBytes(),
        request.getSkipCount());
  }

  private static Txn txn(TxnRequest request) {
    return new Txn(
        map(request.getComparesList(), Requests::compare),
        map(request.getSuccessList(), Requests::operation),
        map(request.getFailureList(), Requests::operation));
  }

  private static Compare compare(io.quorate.proto.Compare compare) {
    Compare.Target target = switch (compare.getTarget()) {
      case COMPARE_VERSION -> Compare.Target.VERSION;
      case COMPARE_CREATE -> Compare.Target.CREATE;
      case COMPARE_MOD -> Compare.Target.MOD;
      case COMPARE_VALUE -> Compare.Target.VALUE;
      case COMPARE_LEASE -> Compare.Target.LEASE;
      case UNRECOGNIZED ->
        throw new Refused(
            Refusal.invalid("quorate: unknown compare target " + compare.getTargetValue()));
    };
    Compare.Relation relation = switch (compare.getResult()) {
      case EQUAL -> Compare.Relation.EQUAL;
      case GREATER -> Compare.Relation.GREATER;
      case LESS -> Compare.Relation.LESS;
      case NOT_EQUAL -> Compare.Relation.NOT_EQUAL;
      case UNRECOGNIZED ->
        throw new Refused(
            Refusal.invalid("quorate: unknown compare result " + compare.getResultValue()));
    };
    return new Compare(
        Wire.range(compare.getRange()),
        target,
        relation,
        compare.getNumber(),
        Bytes.of(compare.getValue()));
  }

  private static io.quorate.region.command.Operation operation(Operation operation) {
    return switch (operation.getKindCase()) {
      case PUT -> put(operation.getPut());
      case DELETE_RANGE -> delete(operation.getDeleteRange());
      case TXN -> txn(operation.getTxn());
      case RANGE -> new Read(query(operation.getRange()));
      // etcd's word for an operation that says nothing (v3rpc/key.go, checkRequestOp).
      case KIND_NOT_SET -> throw new Refused(Refusal.KEY_NOT_FOUND);
    };
  }

  private static <A, B> List<B> map(List<A> all, Function<A, B> each) {
    List<B> mapped = new ArrayList<>(all.size());
    for (A one : all) {
      mapped.add(each.apply(one));
    }
    return mapped;
  }

  /** Leaves the translation from within; never leaves this class. */
  private static final class Refused extends RuntimeException {
    private final transient Refusal refusal;

    Refused(Refusal refusal) {
      super(refusal.message(), null, false, false);
      this.refusal = refusal;
    }
  }
}
