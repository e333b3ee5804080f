package io.quorate.region.command;

import io.quorate.model.Bytes;
import io.quorate.proto.RefusalCode;
import io.quorate.region.transaction.Lock;
import io.quorate.region.transaction.Obstacle;
import java.util.List;

/**
 * Why the data refuses a request; the texts are etcd's, since its clients match them (etcd api/v3rpc/rpctypes/error.go).
 *
 * @param code for programs
 * @param message for people and for etcd's clients
 * @param compacted with {@code COMPACTED}: the compacted revision
 * @param obstacle what of transactions was met
 */
public record Refusal(RefusalCode code, String message, long compacted, Obstacle obstacle) {
  public static final Refusal FUTURE_REVISION =
      of(RefusalCode.FUTURE_REVISION, "etcdserver: mvcc: required revision is a future revision");
  public static final Refusal LEASE_NOT_FOUND =
      of(RefusalCode.LEASE_NOT_FOUND, "etcdserver: requested lease not found");
  public static final Refusal LEASE_EXISTS =
      of(RefusalCode.LEASE_EXISTS, "etcdserver: lease already exists");
  public static final Refusal LEASE_TTL_TOO_LARGE =
      of(RefusalCode.LEASE_TTL_TOO_LARGE, "etcdserver: too large lease TTL");
  public static final Refusal KEY_NOT_FOUND =
      of(RefusalCode.KEY_NOT_FOUND, "etcdserver: key not found");
  public static final Refusal KEY_NOT_PROVIDED =
      of(RefusalCode.KEY_NOT_PROVIDED, "etcdserver: key is not provided");
  public static final Refusal VALUE_PROVIDED =
      of(RefusalCode.VALUE_PROVIDED, "etcdserver: value is provided");
  public static final Refusal LEASE_PROVIDED =
      of(RefusalCode.LEASE_PROVIDED, "etcdserver: lease is provided");
  public static final Refusal DUPLICATE_KEY =
      of(RefusalCode.DUPLICATE_KEY, "etcdserver: duplicate key given in txn request");
  public static final Refusal TOO_MANY_OPERATIONS =
      of(RefusalCode.TOO_MANY_OPERATIONS, "etcdserver: too many operations in txn request");
  public static final Refusal REQUEST_TOO_LARGE =
      of(RefusalCode.REQUEST_TOO_LARGE, "etcdserver: request is too large");
  public static final Refusal INVALID_SORT_OPTION =
      of(RefusalCode.INVALID_SORT_OPTION, "etcdserver: invalid sort option");

  public static final Refusal ROLLED_BACK =
      of(RefusalCode.ROLLED_BACK, "quorate: the transaction was rolled back");
  public static final Refusal TXN_UNKNOWN =
      of(RefusalCode.TXN_UNKNOWN, "quorate: nothing is known of the transaction any more");

  /** Of what has to do with no transaction. */
  public Refusal(RefusalCode code, String message, long compacted) {
    this(code, message, compacted, Obstacle.NONE);
  }

  private static Refusal of(RefusalCode code, String message) {
    return of(code, message, Obstacle.NONE);
  }

  private static Refusal of(RefusalCode code, String message, Obstacle obstacle) {
    return new Refusal(code, message, 0, obstacle);
  }

  public static Refusal compacted(long compacted) {
    return new Refusal(
        RefusalCode.COMPACTED, "etcdserver: mvcc: required revision has been compacted", compacted);
  }

  public static Refusal locked(List<Lock> locks) {
    return of(
        RefusalCode.LOCKED,
        "quorate: locked by a transaction over several regions",
        new Obstacle.Locks(locks));
  }

  public static Refusal conflict(Bytes key, long revision) {
    return of(
        RefusalCode.WRITE_CONFLICT,
        "quorate: key " + key + " was written at revision " + revision
            + ", after the transaction began",
        new Obstacle.Conflict(key, revision));
  }

  public static Refusal commitTooLow(long minCommit) {
    return of(
        RefusalCode.COMMIT_TOO_LOW,
        "quorate: the transaction can be committed from revision " + minCommit + " on",
        new Obstacle.TooLow(minCommit));
  }

  public static Refusal committed(long revision) {
    return of(
        RefusalCode.TXN_COMMITTED,
        "quorate: the transaction was committed at revision " + revision,
        new Obstacle.Committed(revision));
  }

  public static Refusal belowFloor(long start) {
    return of(
        RefusalCode.BELOW_FLOOR,
        "quorate: the transaction began at revision " + start
            + ", too long ago for what was written since to be known");
  }

  /** A limit of ours that etcd does not have, or a request that makes no sense. */
  public static Refusal invalid(String message) {
    return of(RefusalCode.INVALID_ARGUMENT, message);
  }
}
