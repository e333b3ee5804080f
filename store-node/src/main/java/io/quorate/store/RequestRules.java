package io.quorate.store;

import io.quorate.auth.AuthError;
import io.quorate.auth.Judge;
import io.quorate.auth.Principal;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Wire;
import io.quorate.proto.Compare;
import io.quorate.proto.DeleteRangeRequest;
import io.quorate.proto.Operation;
import io.quorate.proto.PutRequest;
import io.quorate.proto.Request;
import io.quorate.proto.TxnRequest;
import java.util.List;
import java.util.Optional;

/** What a request to a region takes to be allowed. Whatever is not known here is for root. Pure. */
final class RequestRules {
  private final Judge judge;
  private final Principal who;

  RequestRules(Judge judge, Principal who) {
    this.judge = judge;
    this.who = who;
  }

  Optional<AuthError> refusal(Request request) {
    return switch (request.getBodyCase()) {
      case RANGE -> judge.refusalToRead(who, Wire.range(request.getRange().getRange()));
      case GET ->
        judge.refusalToRead(who, KeyRange.single(Bytes.of(request.getGet().getKey())));
      case PUT -> put(request.getPut());
      case DELETE_RANGE -> delete(request.getDeleteRange());
      case TXN -> txn(request.getTxn());
      // What keys it concerns is looked at besides.
      case LEASE_GRANT,
          LEASE_REVOKE,
          LEASE_KEEP_ALIVE,
          LEASE_TIME_TO_LIVE,
          LEASE_LIST,
          LEASE_KEYS -> judge.refusal(who);
      case LEASE_REGISTER, LEASE_STRIP ->
        who.isSystem() || !judge.image().enabled()
            ? Optional.empty()
            : Optional.of(AuthError.PERMISSION_DENIED);
      default -> judge.refusalToAdminister(who);
    };
  }

  private Optional<AuthError> put(PutRequest put) {
    KeyRange key = KeyRange.single(Bytes.of(put.getKey()));
    Optional<AuthError> refusal = judge.refusalToWrite(who, key);
    return refusal.isEmpty() && put.getPrevious() ? judge.refusalToRead(who, key) : refusal;
  }

  private Optional<AuthError> delete(DeleteRangeRequest delete) {
    KeyRange keys = Wire.range(delete.getRange());
    Optional<AuthError> refusal = judge.refusalToWrite(who, keys);
    return refusal.isEmpty() && delete.getPrevious() ? judge.refusalToRead(who, keys) : refusal;
  }

  /** Every compare, and both branches. */
  private Optional<AuthError> txn(TxnRequest txn) {
    Optional<AuthError> refusal = judge.refusal(who);
    for (Compare compare : txn.getComparesList()) {
      if (refusal.isEmpty()) {
        refusal = judge.refusalToRead(who, Wire.range(compare.getRange()));
      }
    }
    for (List<Operation> branch : List.of(txn.getSuccessList(), txn.getFailureList())) {
      for (Operation operation : branch) {
        if (refusal.isEmpty()) {
          refusal = operation(operation);
        }
      }
    }
    return refusal;
  }

  private Optional<AuthError> operation(Operation operation) {
    return switch (operation.getKindCase()) {
      case RANGE -> judge.refusalToRead(who, Wire.range(operation.getRange().getRange()));
      case PUT -> put(operation.getPut());
      case DELETE_RANGE -> delete(operation.getDeleteRange());
      case TXN -> txn(operation.getTxn());
      case KIND_NOT_SET -> Optional.empty();
    };
  }

  /** Why the keys of a lease may not be shown; empty if they may. */
  Optional<AuthError> refusalToShow(List<Bytes> keys) {
    return keys.stream()
        .flatMap(key -> judge.refusalToRead(who, KeyRange.single(key)).stream())
        .findFirst();
  }

  /** Why the keys of a lease may not be deleted with it; empty if they may. */
  Optional<AuthError> refusalToRevoke(List<Bytes> keys) {
    return keys.stream()
        .flatMap(key -> judge.refusalToWrite(who, KeyRange.single(key)).stream())
        .findFirst();
  }
}
