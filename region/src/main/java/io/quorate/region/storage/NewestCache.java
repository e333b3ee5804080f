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
 */
final class NewestCache {
  /** About what an entry costs beside its bytes: node, key, value and their arrays' headers. */
  private static final int ENTRY_BYTES = 160;

  private final Cache<Bytes, Version> versions;

  NewestCache(long bytes) {
    versions = Caffeine.newBuilder()
        .maximumWeight(bytes)
        .weigher((Bytes key, Version version) ->
            ENTRY_BYTES + key.length() + version.value().length())
        .executor(Runnable::run)
        .build();
  }

  @Nullable
  Version get(Bytes key) {
    return versions.getIfPresent(key);
  }

  /** What apply has just written. */
  void written(Bytes key, Version version) {
    versions.put(key, version);
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
            key, (same, present) -> present == null && current.getAsBoolean() ? version : present);
  }

  /** Forgets the keys of a region that is no longer here. */
  void forget(KeyRange range) {
    versions.asMap().keySet().removeIf(range::contains);
  }
}
