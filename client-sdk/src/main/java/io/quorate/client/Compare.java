package io.quorate.client;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.model.Wire;
import io.quorate.proto.CompareResult;
import io.quorate.proto.CompareTarget;

/**
 * A condition on a key, or on every key of a range. An absent key has version, revisions and lease
 * 0; no compare of a value holds for it.
 *
 * @param range the key, or the keys
 * @param target what of it
 * @param relation how it must relate
 * @param number to compare with, unless the target is the value
 * @param value to compare with, if the target is the value
 */
public record Compare(KeyRange range, Target target, Relation relation, long number, Bytes value) {
  /** What of a key is compared. */
  public enum Target {
    VERSION(CompareTarget.COMPARE_VERSION),
    CREATE_REVISION(CompareTarget.COMPARE_CREATE),
    MOD_REVISION(CompareTarget.COMPARE_MOD),
    VALUE(CompareTarget.COMPARE_VALUE),
    LEASE(CompareTarget.COMPARE_LEASE);

    private final CompareTarget message;

    Target(CompareTarget message) {
      this.message = message;
    }
  }

  /** How it must relate to what is given. */
  public enum Relation {
    EQUAL(CompareResult.EQUAL),
    GREATER(CompareResult.GREATER),
    LESS(CompareResult.LESS),
    NOT_EQUAL(CompareResult.NOT_EQUAL);

    private final CompareResult message;

    Relation(CompareResult message) {
      this.message = message;
    }
  }

  public static Compare version(Bytes key, Relation relation, long version) {
    return new Compare(KeyRange.single(key), Target.VERSION, relation, version, Bytes.EMPTY);
  }

  public static Compare createRevision(Bytes key, Relation relation, long revision) {
    return new Compare(
        KeyRange.single(key), Target.CREATE_REVISION, relation, revision, Bytes.EMPTY);
  }

  public static Compare modRevision(Bytes key, Relation relation, long revision) {
    return new Compare(KeyRange.single(key), Target.MOD_REVISION, relation, revision, Bytes.EMPTY);
  }

  public static Compare value(Bytes key, Relation relation, Bytes value) {
    return new Compare(KeyRange.single(key), Target.VALUE, relation, 0, value);
  }

  public static Compare lease(Bytes key, Relation relation, long lease) {
    return new Compare(KeyRange.single(key), Target.LEASE, relation, lease, Bytes.EMPTY);
  }

  /** The key exists. */
  public static Compare exists(Bytes key) {
    return version(key, Relation.GREATER, 0);
  }

  /** The key does not exist. */
  public static Compare absent(Bytes key) {
    return version(key, Relation.EQUAL, 0);
  }

  /** The same condition on every key of a range. */
  public Compare onEvery(KeyRange keys) {
    return new Compare(keys, target, relation, number, value);
  }

  io.quorate.proto.Compare message() {
    return io.quorate.proto.Compare.newBuilder()
        .setRange(Wire.range(range))
        .setTarget(target.message)
        .setResult(relation.message)
        .setNumber(number)
        .setValue(value.toByteString())
        .build();
  }
}
