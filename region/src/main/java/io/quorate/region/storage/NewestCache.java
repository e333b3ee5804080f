package io.quorate.region.storage;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.quorate.model.Bytes;
import io.quorate.model.KeyRange;
import io.quorate.region.mvcc.Version;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Newest versions by key, absence and tombstones included, over all regions of a store: a hit costs no crossing into native
 * code. Bounded by bytes. Written through by apply; filled by readers only under the rule of {@link ApplySequence}. Any thread.
 *
 * <p>Apply wants to know all of a version but its value, and on most replicas nobody reads. So the value of what apply wrote
 * is kept only where it is small, or where the key was read before: else each write would hand its value to the collector's
 * old generation on every replica.
 */
final class NewestCache {
  /** About what an entry costs beside its bytes: node, key, value and their arrays' headers. */
  private static final int ENTRY_BYTES = 160;

  /** Values up to this length are always kept. */
  private static final int SMALL_VALUE = 64;

  /** Stands for a value that is not kept; known by identity. */
  private static final Bytes NOT_KEPT = Bytes.wrap(new byte[0]);

  private final Cache<Bytes, Version> versions;

  NewestCache(long bytes) {
    versions = Caffeine.newBuilder()
        .maximumWeight(bytes)
        .weigher((Bytes key, Version version) ->
            ENTRY_BYTES + key.length() + version.value().length())
        .executor(Runnable::run)
        .build();
  }

  /** With its value; null if either is not here. */
  @Nullable
  Version get(Bytes key) {
    Version version = versions.getIfPresent(key);
    return version != null && isWhole(version) ? version : null;
  }

  /** Without its value, perhaps; null if it is not here. Asked by apply, whose write will count as the key's use. */
  @Nullable
  Version head(Bytes key) {
    return versions.policy().getIfPresentQuietly(key);
  }

  /** What apply has just written. */
  void written(Bytes key, Version version) {
    boolean keep = version.value().length() <= SMALL_VALUE;
    if (!keep) {
      Version before = head(key);
      keep = before != null && before.value().length() > SMALL_VALUE;
    }
    versions.put(key, keep ? version : withoutValue(version));
  }

  /**
   * What was read from the store after a miss.
   *
   * @param current whether nothing was applied to the region since before that read
   */
  void fill(Bytes key, Version version, BooleanSupplier current) {
    versions
        .asMap()
        .compute(
            key,
            (same, present) -> (present == null || !isWhole(present)) && current.getAsBoolean()
                ? version
                : present);
  }

  /** As {@link #fill}, of a version read without its value. */
  void fillHead(Bytes key, Version version, BooleanSupplier current) {
    Version head = version.isLive() ? withoutValue(version) : version;
    versions
        .asMap()
        .compute(
            key, (same, present) -> present == null && current.getAsBoolean() ? head : present);
  }

  @SuppressWarnings("ReferenceEquality") // an empty value is a value
  private static boolean isWhole(Version version) {
    return version.value() != NOT_KEPT;
  }

  private static Version withoutValue(Version version) {
    return new Version(
        version.modRevision(),
        version.sub(),
        version.createRevision(),
        version.version(),
        version.lease(),
        NOT_KEPT);
  }

  /** Forgets the keys of a region that is no longer here. */
  void forget(KeyRange range) {
    versions.asMap().keySet().removeIf(range::contains);
  }
}
