package io.quorate.region.command;

import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.region.mvcc.KeyWalk;
import io.quorate.region.mvcc.Version;
import io.quorate.region.mvcc.VersionSource;

/**
 * One condition of a transaction; over a range every key must meet it, an empty range counts as one absent key.
 *
 * @param range user keys
 * @param target what of the key
 * @param relation how it must relate to what is given
 * @param number for every target but the value
 * @param value for the value
 */
public record Compare(KeyRange range, Target target, Relation relation, long number, Bytes value) {
  /** What of the key. */
  public enum Target {
    VERSION,
    CREATE,
    MOD,
    VALUE,
    LEASE
  }

  /** How the key's must relate to what is given. */
  public enum Relation {
    EQUAL,
    GREATER,
    LESS,
    NOT_EQUAL
  }

  /** Whether the state meets the condition. */
  public boolean holds(VersionSource state) {
    if (range.isSingle()) {
      Bytes key = range.start();
      return holds(target == Target.VALUE ? state.newest(key) : state.head(key));
    }
    boolean any = false;
    if (!range.isEmpty()) {
      try (KeyWalk walk = state.walk(range, VersionSource.NEWEST, target == Target.VALUE)) {
        while (walk.next()) {
          if (walk.isLive()) {
            any = true;
            if (!holds(walk.version())) {
              return false;
            }
          }
        }
      }
    }
    return any || holds(Version.NONE);
  }

  private boolean holds(Version version) {
    Version seen = version.orAbsent();
    if (target == Target.VALUE) {
      // An absent key has no value to compare, not even as unequal (etcd apply_auth/txn:
      // applyCompare).
      return seen.isLive() && holds(seen.value().compareTo(value));
    }
    long actual = switch (target) {
      case VERSION -> seen.version();
      case CREATE -> seen.createRevision();
      case MOD -> seen.modRevision();
      case LEASE -> seen.lease();
      case VALUE -> throw new IllegalStateException("compared above");
    };
    return holds(Long.compare(actual, number));
  }

  private boolean holds(int order) {
    return switch (relation) {
      case EQUAL -> order == 0;
      case GREATER -> order > 0;
      case LESS -> order < 0;
      case NOT_EQUAL -> order != 0;
    };
  }
}
