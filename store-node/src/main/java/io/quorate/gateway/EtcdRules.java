package io.quorate.gateway;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.quorate.auth.AuthError;
import io.quorate.auth.Judge;
import io.quorate.auth.Principal;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.proto.etcd.AlarmRequest;
import io.quorate.proto.etcd.CompactionRequest;
import io.quorate.proto.etcd.Compare;
import io.quorate.proto.etcd.DeleteRangeRequest;
import io.quorate.proto.etcd.LeaseGrantRequest;
import io.quorate.proto.etcd.LeaseKeepAliveRequest;
import io.quorate.proto.etcd.LeaseLeasesRequest;
import io.quorate.proto.etcd.LeaseRevokeRequest;
import io.quorate.proto.etcd.LeaseTimeToLiveRequest;
import io.quorate.proto.etcd.MemberListRequest;
import io.quorate.proto.etcd.PutRequest;
import io.quorate.proto.etcd.RangeRequest;
import io.quorate.proto.etcd.RequestOp;
import io.quorate.proto.etcd.StatusRequest;
import io.quorate.proto.etcd.TxnRequest;
import io.quorate.proto.etcd.election.CampaignRequest;
import io.quorate.proto.etcd.election.LeaderRequest;
import io.quorate.proto.etcd.election.ProclaimRequest;
import io.quorate.proto.etcd.election.ResignRequest;
import io.quorate.proto.etcd.lock.LockRequest;
import io.quorate.proto.etcd.lock.UnlockRequest;
import io.quorate.proto.health.HealthCheckRequest;
import java.util.List;
import java.util.Optional;

/**
 * What a request of etcd's API takes to be allowed (etcd server/etcdserver/apply/apply_auth.go). What is not known here is for root.
 * Pure.
 */
final class EtcdRules {
  private final Judge judge;
  private final Principal who;

  EtcdRules(Judge judge, Principal who) {
    this.judge = judge;
    this.who = who;
  }

  Optional<AuthError> refusal(Message request) {
    if (request instanceof RangeRequest range) {
      return read(range.getKey(), range.getRangeEnd());
    } else if (request instanceof PutRequest put) {
      return put(put);
    } else if (request instanceof DeleteRangeRequest delete) {
      return delete(delete);
    } else if (request instanceof TxnRequest txn) {
      return txn(txn);
    }
    return ofLines(request).orElseGet(() -> ofOthers(request));
  }

  private Optional<AuthError> ofOthers(Message request) {
    boolean anybody = request instanceof MemberListRequest
        || request instanceof StatusRequest
        || request instanceof AlarmRequest
        || request instanceof HealthCheckRequest;
    if (anybody) {
      return Optional.empty();
    }
    boolean whoeverLoggedIn = request instanceof CompactionRequest
        || request instanceof LeaseGrantRequest
        || request instanceof LeaseRevokeRequest
        || request instanceof LeaseKeepAliveRequest
        || request instanceof LeaseTimeToLiveRequest
        || request instanceof LeaseLeasesRequest;
    return whoeverLoggedIn ? judge.refusal(who) : judge.refusalToAdminister(who);
  }

  /** Of locks and elections: what their puts and reads would take; empty if it is neither. */
  private Optional<Optional<AuthError>> ofLines(Message request) {
    if (request instanceof LockRequest lock) {
      return Optional.of(line(lock.getName()));
    } else if (request instanceof UnlockRequest unlock) {
      return Optional.of(write(unlock.getKey(), ByteString.EMPTY));
    } else if (request instanceof CampaignRequest campaign) {
      return Optional.of(line(campaign.getName()));
    } else if (request instanceof LeaderRequest leader) {
      return Optional.of(judge.refusalToRead(who, prefix(leader.getName())));
    } else if (request instanceof ProclaimRequest proclaim) {
      return Optional.of(both(KeyRange.single(Bytes.of(proclaim.getLeader().getKey()))));
    } else if (request instanceof ResignRequest resign) {
      return Optional.of(both(KeyRange.single(Bytes.of(resign.getLeader().getKey()))));
    }
    return Optional.empty();
  }

  private static KeyRange prefix(ByteString name) {
    return KeyRange.prefix(WaitingLine.prefix(Bytes.of(name)));
  }

  private Optional<AuthError> line(ByteString name) {
    return both(prefix(name));
  }

  private Optional<AuthError> both(KeyRange keys) {
    Optional<AuthError> refusal = judge.refusalToWrite(who, keys);
    return refusal.isEmpty() ? judge.refusalToRead(who, keys) : refusal;
  }

  /** A request without a key is refused for that, by whoever looks at it next. */
  private Optional<AuthError> read(ByteString key, ByteString end) {
    return key.isEmpty() ? judge.refusal(who) : judge.refusalToRead(who, EtcdKeys.range(key, end));
  }

  private Optional<AuthError> write(ByteString key, ByteString end) {
    return key.isEmpty() ? judge.refusal(who) : judge.refusalToWrite(who, EtcdKeys.range(key, end));
  }

  private Optional<AuthError> put(PutRequest put) {
    Optional<AuthError> refusal = write(put.getKey(), ByteString.EMPTY);
    return refusal.isEmpty() && put.getPrevKv() ? read(put.getKey(), ByteString.EMPTY) : refusal;
  }

  private Optional<AuthError> delete(DeleteRangeRequest delete) {
    Optional<AuthError> refusal = write(delete.getKey(), delete.getRangeEnd());
    return refusal.isEmpty() && delete.getPrevKv()
        ? read(delete.getKey(), delete.getRangeEnd())
        : refusal;
  }

  /** Every compare, and both branches. */
  private Optional<AuthError> txn(TxnRequest txn) {
    Optional<AuthError> refusal = judge.refusal(who);
    for (Compare compare : txn.getCompareList()) {
      if (refusal.isEmpty()) {
        refusal = read(compare.getKey(), compare.getRangeEnd());
      }
    }
    for (List<RequestOp> branch : List.of(txn.getSuccessList(), txn.getFailureList())) {
      for (RequestOp operation : branch) {
        if (refusal.isEmpty()) {
          refusal = operation(operation);
        }
      }
    }
    return refusal;
  }

  private Optional<AuthError> operation(RequestOp operation) {
    return switch (operation.getRequestCase()) {
      case REQUEST_RANGE ->
        read(operation.getRequestRange().getKey(), operation.getRequestRange().getRangeEnd());
      case REQUEST_PUT -> put(operation.getRequestPut());
      case REQUEST_DELETE_RANGE -> delete(operation.getRequestDeleteRange());
      case REQUEST_TXN -> txn(operation.getRequestTxn());
      case REQUEST_NOT_SET -> Optional.empty();
    };
  }

  /** Why the keys of a lease may not be deleted with it; empty if they may. */
  Optional<AuthError> refusalToRevoke(List<Bytes> keys) {
    return keys.stream()
        .flatMap(key -> judge.refusalToWrite(who, KeyRange.single(key)).stream())
        .findFirst();
  }

  /** Why the keys of a lease may not be shown; empty if they may. */
  Optional<AuthError> refusalToShow(List<Bytes> keys) {
    return keys.stream()
        .flatMap(key -> judge.refusalToRead(who, KeyRange.single(key)).stream())
        .findFirst();
  }
}
